package clickhouseserver

import "syscall"

// childAttributes makes the kernel kill the child with the thread that started it, and keeps Ctrl-C of a terminal from it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
