package clickhouseserver

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// knownBuild is the build of libchdb 26.7.3-stable.1, for which the addresses below hold.
const knownBuild = "d3d8f5517577ad52775b52318a193784b2fb5317"

// ErrOtherBuild is returned for a library for which the addresses to patch are not known.
var ErrOtherBuild = errors.New("it is another build of libchdb than " + knownBuild)

// Replicates returns nil if servers of a library can be replicas, else why not.
func Replicates(library string) error {
	build, err := buildID(library)
	if err == nil && build != knownBuild {
		err = fmt.Errorf("build %s: %w", build, ErrOtherBuild)
	}
	if err != nil {
		return fmt.Errorf("library %q cannot replicate: %w", library, err)
	}
	return nil
}

func buildID(library string) (string, error) {
	f, err := elf.Open(library)
	if err != nil {
		return "", fmt.Errorf("reading the library: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	section := f.Section(".note.gnu.build-id")
	if section == nil {
		return "", errors.New("the library has no build id")
	}
	note, err := section.Data()
	const head = 16 // three lengths and "GNU"
	if err != nil || len(note) <= head {
		return "", fmt.Errorf("reading the library's build: %w", errors.Join(err, errors.ErrUnsupported))
	}
	return hex.EncodeToString(note[head:]), nil
}

// change is an address where code is changed: the bytes that must be there, and their replacement.
type change struct {
	at   uintptr
	want string
	code []byte
}

// patch changes the library in the memory of this process only. A library of another build is left unchanged, which is an
// error for a replica.
func patch(o *childOptions) error {
	err := Replicates(o.Library)
	if errors.Is(err, ErrOtherBuild) && o.Interserver == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	base, err := loadedAt(o.Library)
	if err != nil {
		return err
	}
	var changes []change
	if !o.ResetsKill { // KillingErrorHandler::exception: clickhouse local ends when a client resets its connection, a server does not
		changes = append(changes, change{0xf113480, "\x50\xe8\xfa\x66", []byte{0xc3}})
	}
	if o.Interserver != 0 {
		more, err := replicating(base, o.Interserver)
		if err != nil {
			return err
		}
		changes = append(changes, more...)
	}
	for _, p := range changes {
		page := (base + p.at) &^ 4095
		memory := at(page, 8192)
		code := memory[base+p.at-page:]
		if !bytes.HasPrefix(code, []byte(p.want)) {
			return fmt.Errorf("library %q has other code at %x", o.Library, p.at)
		}
		if err := syscall.Mprotect(memory, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC); err != nil {
			return fmt.Errorf("patching the library: %w", err)
		}
		copy(code, p.code)
		if err := syscall.Mprotect(memory, syscall.PROT_READ|syscall.PROT_EXEC); err != nil {
			return fmt.Errorf("patching the library: %w", err)
		}
	}
	return nil
}

// replicating makes a replica of clickhouse local, which has no interserver address and handler: it finds its address, asks
// for no credentials, and its HTTP interface serves other replicas instead of clients.
func replicating(base uintptr, port int) ([]change, error) {
	room, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("memory for patches: %w", err)
	}
	put := func(b []byte) []byte { // the address of a copy, as the operand of an instruction
		start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(room))))
		copy(room, b)
		room = room[(len(b)+15)&^15:]
		return binary.LittleEndian.AppendUint64(nil, start)
	}
	code := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	jump := func(to []byte) []byte { return code([]byte{0x48, 0xb8}, to, []byte{0xff, 0xe0}) } // mov rax, to; jmp rax
	short := func(s string) []byte {                                                           // a std::string of libc++ with its text inside
		b := make([]byte, 24)
		copy(b, s)
		b[23] = byte(len(s))
		return b
	}
	address := put(binary.LittleEndian.AppendUint16(short("127.0.0.1"), uint16(port)))
	scheme := put(short("http"))
	credentials := put(make([]byte, 512)) // the user is empty
	const factoryName = "InterserverIOHTTPHandler-factory"
	name := put(code(put([]byte(factoryName)), binary.LittleEndian.AppendUint64(nil, uint64(len(factoryName))), binary.LittleEndian.AppendUint64(nil, 33|1<<63)))
	// Context::getInterserverIOAddress: copies 32 bytes to the result.
	getAddress := put(code([]byte{0x48, 0xb8}, address, []byte{0x0f, 0x10, 0x00, 0x0f, 0x11, 0x07, 0x0f, 0x10, 0x40, 0x10, 0x0f, 0x11, 0x47, 0x10, 0x48, 0x89, 0xf8, 0xc3}))
	// Context::getInterserverScheme: copies 24 bytes to the result.
	getScheme := put(code([]byte{0x48, 0xb8}, scheme, []byte{0x0f, 0x10, 0x00, 0x0f, 0x11, 0x07, 0x48, 0x8b, 0x48, 0x10, 0x48, 0x89, 0x4f, 0x10, 0x48, 0x89, 0xf8, 0xc3}))
	// createHandlerFactory: with another name in rcx; its own beginning, then the rest of it.
	resume := binary.LittleEndian.AppendUint64(nil, uint64(base+0x18395cd1))
	factory := put(code([]byte{0x48, 0xb9}, name, []byte{0x55, 0x41, 0x57, 0x41, 0x56, 0x41, 0x55, 0x41, 0x54, 0x53, 0x48, 0x81, 0xec, 0x98, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0}, resume))
	return []change{
		{0x1417c9c0, "\x41\x56\x53\x48", jump(getAddress)},
		{0x1417cac0, "\x48\x8b\x06\x80", jump(getScheme)},
		{0x1417c940, "", code([]byte{0x48, 0xb8}, credentials, []byte{0x31, 0xd2, 0xc3})}, // Context::getInterserverCredentials
		{0x183d52b2, "\x0f\x84\x0d\x01", []byte{0x90, 0xe9}},                              // the handler asks for no credentials
		{0x142891c0, "\x0f\xb6\x87\x10", []byte{0xb8, 1, 0, 0, 0, 0xc3}},                  // is a server: true
		{0x18395cc0, "\x55\x41\x57\x41", jump(factory)},
	}, nil
}

// loadedAt returns the address at which the library is loaded in this process.
func loadedAt(library string) (uintptr, error) {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return 0, fmt.Errorf("looking for the library in memory: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 6 && fields[5] == library && strings.Trim(fields[2], "0") == "" {
			from, _, _ := strings.Cut(fields[0], "-")
			n, err := strconv.ParseUint(from, 16, 64)
			if err != nil {
				return 0, fmt.Errorf("looking for the library in memory: %w", err)
			}
			return uintptr(n), nil
		}
	}
	return 0, fmt.Errorf("library %q is not in memory", library)
}

// at returns memory of the process that is not Go's.
func at(address, n uintptr) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))), n)
}
