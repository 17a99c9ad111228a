package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readable is what a program needs of a machine: libraries, time zones, and files of the kernel. None of it is anybody's data.
var readable = []string{"/usr", "/lib", "/lib64", "/nix/store", "/proc", "/sys", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/random"}

const (
	readFiles    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	changeFiles  = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | makeFiles
	makeFiles    = unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | makeDevices
	makeDevices  = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK
	runFiles     = unix.LANDLOCK_ACCESS_FS_EXECUTE
	onlyOfAFile  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	abiRefer     = 2 // Landlock versions that introduced each
	abiTruncate  = 3
	abiConnect   = 4
	fieldsOfABI1 = 8 // size of the attributes, bytes
	fieldsOfABI4 = 16
)

// confine lets the kernel restrict this process, until its end, to the files under data: it reads no other files except the
// system's and library, and opens no TCP connection. Then it executes the program anew, since Landlock confines a thread and
// what it starts. It returns only on an error: [errors.ErrUnsupported] if the kernel cannot do it.
func confine(data, library string, env []string) error {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return fmt.Errorf("asking for Landlock: %w: %w", errors.ErrUnsupported, errno)
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own executable: %w", err)
	}
	all, change, size := uint64(readFiles|changeFiles|runFiles), uint64(changeFiles), uintptr(fieldsOfABI1)
	attributes := unix.LandlockRulesetAttr{}
	if abi >= abiRefer {
		all, change = all|unix.LANDLOCK_ACCESS_FS_REFER, change|unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= abiTruncate {
		all, change = all|unix.LANDLOCK_ACCESS_FS_TRUNCATE, change|unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= abiConnect {
		attributes.Handled_access_net, size = unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, fieldsOfABI4
	}
	attributes.Handled_access_fs = all
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attributes)), size, 0)
	if errno != 0 {
		return fmt.Errorf("making rules of Landlock: %w", errno)
	}
	defer func() { _ = unix.Close(int(rules)) }() // nothing is written
	allow := func(path string, access uint64) error {
		f, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.ENOENT) {
			return nil // not every system has every path
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer func() { _ = unix.Close(f) }() // nothing is written
		var stat unix.Stat_t
		if err := unix.Fstat(f, &stat); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
			access &= onlyOfAFile
		}
		rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(f)}
		if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, rules, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
			return fmt.Errorf("rule for %s: %w", path, errno)
		}
		return nil
	}
	if library, err = filepath.EvalSymlinks(library); err != nil {
		return fmt.Errorf("library: %w", err)
	}
	errs := []error{
		allow(data, readFiles|change), allow(library, readFiles), allow(executable, readFiles|runFiles),
		allow("/dev/null", readFiles|change),
	}
	for _, path := range readable {
		access := uint64(readFiles)
		if path != "/proc" && path != "/sys" {
			access |= runFiles // the loader
		}
		errs = append(errs, allow(path, access))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("rules of Landlock: %w", err)
	}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); errno != 0 {
		return fmt.Errorf("confining the process: %w", errno)
	}
	return fmt.Errorf("starting again: %w", syscall.Exec(executable, os.Args, env))
}
