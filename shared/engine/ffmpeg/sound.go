package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

// sampleRates are those that all formats can have.
var sampleRates = []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000}

// sampleRate is that of the file's sound, or 48000 if few can play that.
func (f Facts) sampleRate() int {
	if n, err := strconv.Atoi(f.sound.SampleRate); err == nil && slices.Contains(sampleRates, n) {
		return n
	}
	return 48000
}

// sampleBytes are those of a sample of 16 bits.
const sampleBytes = 2

// cutting is sound that is cut: decoded by one process, encoded by another, and
// between them only the samples that are wanted go through. That is exact, and
// takes no memory, for any number of parts.
type cutting struct {
	media          string
	facts          Facts
	rate, channels int
	parts          []frames // samples of each channel
}

// input are the options of whoever reads the samples.
func (s *cutting) input() []string {
	return []string{"-f", "s16le", "-ar", strconv.Itoa(s.rate), "-ac", strconv.Itoa(s.channels), "-i", "pipe:0"}
}

// into runs ffmpeg with these arguments, which reads the samples. Invalid if
// the sound is over before any of the parts begins.
func (s *cutting) into(ctx context.Context, c command, args []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	k := &knife{to: w, parts: s.parts, size: int64(s.channels * sampleBytes)}
	decoded := make(chan error, 1)
	go func() {
		err := s.decode(ctx, c, k)
		if err == nil && !k.some {
			err = errAfterEnd()
		}
		w.Close()
		decoded <- err
	}()
	c.in = r
	err = c.ffmpeg(ctx, args...)
	r.Close() // what is still written meets nobody
	cancel(errors.New("encoding ended"))
	if cut := <-decoded; cut != nil && !k.some {
		return cut
	}
	return err
}

// decode writes all samples, from the media's beginning on: where the sound
// begins late, or has a gap, there is silence.
func (s *cutting) decode(ctx context.Context, c command, to *knife) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to.enough = func() { cancel(errEnough) }
	c.in, c.out = nil, to
	args := append(hostile(s.media), "-map", fmt.Sprintf("0:%d", s.facts.sound.Index), "-af", "aresample=async=1:first_pts=0",
		"-ac", strconv.Itoa(s.channels), "-ar", strconv.Itoa(s.rate), "-f", "s16le", "pipe:1")
	err := c.ffmpeg(ctx, args...)
	if to.done() {
		return nil
	}
	return err
}

var errEnough = errors.New("all parts are cut")

// knife lets through what is in the parts.
type knife struct {
	to     io.Writer
	parts  []frames // in order; what is left of them
	size   int64    // bytes of a sample of all channels
	at     int64    // bytes seen
	some   bool     // something was let through
	enough func()   // called when there is no part left
}

func (k *knife) done() bool { return len(k.parts) == 0 }

func (k *knife) Write(p []byte) (int, error) {
	end := k.at + int64(len(p))
	for !k.done() {
		from, to := k.parts[0].From*k.size, k.parts[0].To*k.size
		if from >= end {
			break
		}
		cut := p[max(from-k.at, 0):min(to-k.at, int64(len(p)))]
		if _, err := k.to.Write(cut); err != nil {
			return 0, err
		}
		k.some = k.some || len(cut) > 0
		if to > end {
			break
		}
		k.parts = k.parts[1:]
	}
	k.at = end
	if k.done() {
		k.enough()
	}
	return len(p), nil
}
