package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

// alone runs a command in a process group of its own, all of which is
// killed when its context ends, and when this process does.
func alone(cmd *exec.Cmd) error {
	// The signal comes when the thread that started the process ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd.Run()
}
