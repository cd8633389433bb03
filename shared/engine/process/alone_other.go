//go:build !linux

package process

import (
	"os/exec"
	"syscall"
)

// alone runs a command in a process group of its own, all of which is
// killed when its context ends.
func alone(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Run()
}
