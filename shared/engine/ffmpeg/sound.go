package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"latchkey/shared/fault"
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

// audio is how sound is decoded: 16 bits, the channels by turns.
type audio struct {
	media          string
	facts          Facts
	rate, channels int
}

// decode writes all samples, from the media's beginning on: where the sound
// begins late, or has a gap, there is silence.
func (s audio) decode(ctx context.Context, c command, to io.Writer) error {
	if err := s.silence(ctx, to); err != nil {
		return err
	}
	c.in, c.out = nil, to
	// The filter begins anew where the sound changes its channels: it must not be what begins at zero.
	return c.ffmpeg(ctx, append(hostile(s.media), "-map", fmt.Sprintf("0:%d", s.facts.sound.Index), "-af", "aresample=async=1",
		"-ac", strconv.Itoa(s.channels), "-ar", strconv.Itoa(s.rate), "-f", "s16le", "pipe:1")...)
}

// silence writes what is before the sound.
func (s audio) silence(ctx context.Context, to io.Writer) error {
	late, _ := strconv.ParseFloat(s.facts.sound.Start, 64)
	left := millis(strconv.FormatFloat(late-s.facts.start, 'f', 6, 64)) * int64(s.rate) / 1000 * int64(s.channels*sampleBytes)
	nothing := make([]byte, 1<<16)
	for left > 0 && ctx.Err() == nil {
		n := min(left, int64(len(nothing)))
		if _, err := to.Write(nothing[:n]); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// cutting is sound that is cut: decoded by one process, encoded by another, and
// between them only the samples that are wanted go through. That is exact, and
// takes no memory, for any number of parts.
type cutting struct {
	audio
	parts []frames // samples of each channel
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
		err := s.cut(ctx, c, k)
		if err == nil && !k.some {
			err = fault.Wrap(fault.Invalid, errSilent, "%s", afterEnd)
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

// cut decodes until all parts have gone through.
func (s *cutting) cut(ctx context.Context, c command, k *knife) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k.enough = func() { cancel(errEnough) }
	err := s.decode(ctx, c, k)
	if k.done() {
		return nil
	}
	return err
}

var (
	errEnough = errors.New("all parts are cut")
	errSilent = errors.New("no sample is in any part")
)

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
