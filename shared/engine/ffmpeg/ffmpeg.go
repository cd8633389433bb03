// Package ffmpeg makes media of media with the programs ffmpeg and ffprobe:
// videos with subtitles burnt in, cuttings, plain sound for those that
// transcribe, and the facts of a file.
//
// Its input is hostile. It refuses to give the programs anything but local
// files of containers that hold media themselves, and bounds their time,
// memory, frames and output. What they print is for logs, as the cause of an
// error: what the caller may read are this package's own words.
package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"latchkey/shared/fault"
)

// Limits of what the programs are given and may use.
const (
	// maxPixels bounds frames: 8K, with a margin.
	maxPixels = 8192 * 4608
	// maxMemory bounds what a program allocates, in KiB.
	maxMemory = 6 << 20
	// probeTime is how long a look at a file may take, and the least that
	// everything else may.
	probeTime = 2 * time.Minute
	// slowest is how many times as long as it lasts media may take to be
	// worked on, beside probeTime.
	slowest = 40
)

const noRoom = "there is not enough room to work on the media"

// Objects are the bucket's.
type Objects interface {
	// Open returns an object's bytes; fault.NotFound if there is none. The
	// caller closes them.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
}

// Fetch copies an object into a folder and returns the file. fault.Invalid if
// the object is gone.
func Fetch(ctx context.Context, from Objects, key, folder string) (file string, err error) {
	body, err := from.Open(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return "", fault.Wrap(fault.Invalid, err, "the media was deleted")
	}
	if err != nil {
		return "", fmt.Errorf("fetch media: %w", err)
	}
	defer body.Close()
	file = filepath.Join(folder, "media")
	err = write(file, body)
	if errors.Is(err, syscall.ENOSPC) {
		return "", fault.Wrap(fault.Unavailable, err, noRoom)
	}
	if err != nil {
		return "", fmt.Errorf("fetch media: %w", err)
	}
	return file, ctx.Err()
}

// write makes a file of what is read.
func write(file string, from io.Reader) error {
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}

// timeFor is how long work on media of so many milliseconds may take.
func timeFor(ms int64) time.Duration {
	return probeTime + slowest*time.Duration(ms)*time.Millisecond
}
