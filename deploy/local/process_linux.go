package local

import "syscall"

// childAttributes puts the child in a process group of its own, so that Ctrl-C in a terminal reaches only the parent, which
// then stops the child in order. The kernel kills the child with the thread that started it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
