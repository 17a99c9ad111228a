//go:build unix && !linux

package clickhouseserver

import "syscall"

// childAttributes puts the child in a process group of its own. That the parent has died it sees at the end of its stdin.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
