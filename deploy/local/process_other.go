//go:build unix && !linux

package local

import "syscall"

// childAttributes puts the child in a process group of its own. The end of its stdin tells it that the parent has died.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
