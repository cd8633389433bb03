package ffmpeg

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/engine/process"
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

const install = "install ffmpeg"

// Installed says what there is, or what to install, and whether that is all.
func Installed() (string, bool) {
	for _, program := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(program); err != nil {
			return "none: " + install, false
		}
	}
	return "ffmpeg", true
}

// run runs a program as process.Command does. That it fails is the media's
// fault, Invalid, unless it was killed or has no room; what it printed is in
// the cause.
func (c command) run(ctx context.Context, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "no video engine is set up: %s", install)
	}
	p := process.Command{Folder: c.folder, Limit: c.limit, Memory: maxMemory, Env: process.Bare(c.folder), In: c.in, Out: c.out}
	if c.fonts != "" {
		p.Env = append(p.Env, "FONTCONFIG_FILE="+c.fonts)
	}
	err = p.Run(ctx, path, args...)
	if failed, ok := errors.AsType[*process.Failure](err); ok {
		return explained(failed)
	}
	return err
}

func explained(f *process.Failure) error {
	switch {
	case f.Slow:
		return fault.Wrap(fault.Invalid, f, "the media takes too long to work on")
	case !f.Exited():
		return f
	case strings.Contains(f.Said, "No space left on device"):
		return fault.Wrap(fault.Unavailable, f, noRoom)
	case strings.Contains(f.Said, "Cannot allocate memory"):
		return fault.Wrap(fault.Invalid, f, "the media needs more memory than there is for it")
	}
	return fault.Wrap(fault.Invalid, f, broken)
}

// ffmpeg runs ffmpeg with these arguments.
func (c command) ffmpeg(ctx context.Context, args ...string) error {
	return c.run(ctx, "ffmpeg", append([]string{"-nostdin", "-hide_banner", "-v", "error", "-y"}, args...)...)
}
