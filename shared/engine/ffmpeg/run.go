package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/fault"
)

// protocols and formats are all that the programs may open: playlists and
// scripts, which name other files, are not among them.
const (
	protocols = "file,pipe"
	formats   = "aac,ac3,aiff,amr,amrnb,amrwb,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,mpegvideo,ogg,w64,wav"
)

// hostile are the options before a file that somebody uploaded.
func hostile(file string) []string {
	return []string{"-protocol_whitelist", protocols, "-format_whitelist", formats, "-max_pixels", strconv.Itoa(maxPixels), "-i", "file:" + file}
}

// command is how a program is run.
type command struct {
	folder string        // that it works in
	limit  time.Duration // how long it may take
	in     io.Reader     // nil for none
	out    io.Writer     // nil for none
	fonts  string        // fontconfig's configuration, or ""
}

// broken is the reason that a person is given for media that the programs
// fail on.
const broken = "the media cannot be read: it is damaged, or of a kind that is not known"

// run runs a program until it ends, its time is over or ctx ends. Then neither
// it nor a process that it has started is left. That it fails is the media's
// fault, Invalid, unless it was killed or has no room; what it printed is in
// the cause.
func (c command) run(ctx context.Context, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "no video engine is set up: install ffmpeg")
	}
	limited, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	said := &tail{}
	// The shell sets the limit and becomes the program.
	cmd := exec.CommandContext(limited, "/bin/sh", append([]string{"-c", fmt.Sprintf(`ulimit -d %d; exec "$0" "$@"`, maxMemory), path}, args...)...)
	// Of the environment it gets nothing: there are credentials in it.
	cmd.Env = []string{"LC_ALL=C.UTF-8", "HOME=" + c.folder, "TMPDIR=" + c.folder}
	if c.fonts != "" {
		cmd.Env = append(cmd.Env, "FONTCONFIG_FILE="+c.fonts)
	}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.folder, c.in, c.out, said
	cmd.WaitDelay = 5 * time.Second
	if err := runAlone(cmd); err != nil {
		return c.explain(ctx, limited, program, said, err)
	}
	return nil
}

func (c command) explain(ctx, limited context.Context, program string, said *tail, err error) error {
	cause := fmt.Errorf("%s: %w: %s", program, err, said)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", program, context.Cause(ctx))
	case limited.Err() != nil:
		return fault.Wrap(fault.Invalid, cause, "the media takes too long to work on")
	case !errors.As(err, &exit) || exit.ExitCode() < 0: // it did not start, or a signal ended it
		return cause
	case said.has("No space left on device"):
		return fault.Wrap(fault.Unavailable, cause, "there is not enough room to work on the media")
	case said.has("Cannot allocate memory"):
		return fault.Wrap(fault.Invalid, cause, "the media needs more memory than there is for it")
	}
	return fault.Wrap(fault.Invalid, cause, broken)
}

// ffmpeg runs ffmpeg with these arguments.
func (c command) ffmpeg(ctx context.Context, args ...string) error {
	return c.run(ctx, "ffmpeg", append([]string{"-nostdin", "-hide_banner", "-v", "error", "-y"}, args...)...)
}

// tail keeps the last of what is written to it.
type tail struct{ last []byte }

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if n := len(t.last) - tailBytes; n > 0 {
		t.last = append(t.last[:0], t.last[n:]...)
	}
	return len(p), nil
}

func (t *tail) has(text string) bool { return bytes.Contains(t.last, []byte(text)) }

func (t *tail) String() string { return strings.ToValidUTF8(strings.TrimSpace(string(t.last)), "?") }
