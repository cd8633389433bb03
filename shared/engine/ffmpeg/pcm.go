package ffmpeg

import (
	"context"
	"fmt"
	"path/filepath"

	"latchkey/shared/fault"
)

// Mix stands for all channels together.
const Mix = -1

// SpeechRate is the sample rate of what is made for those that transcribe.
const SpeechRate = 16000

// PCM writes the sound of a local file as plain WAV, 16-bit, mono, of
// SpeechRate: one channel, counted from 0, or the Mix of all. fault.Invalid if
// there is no such channel, or the file cannot be read.
func PCM(ctx context.Context, file string, channel int, out string) error {
	facts, err := Probe(ctx, file)
	if err != nil {
		return err
	}
	if facts.sound == nil {
		return fault.New(fault.Invalid, "the media has no sound")
	}
	args := []string{"-ac", "1"}
	if channel != Mix {
		if channel < 0 || channel >= facts.Channels {
			return fault.New(fault.Invalid, "the media has %d channels, and not one with number %d", facts.Channels, channel+1)
		}
		args = []string{"-af", fmt.Sprintf("pan=mono|c0=c%d", channel)}
	}
	args = append(append(hostile(file), "-map", fmt.Sprintf("0:%d", facts.sound.Index)), args...)
	// An hour is 115 MB: the limit of RIFF's sizes is that of 37 hours.
	args = append(args, "-ar", fmt.Sprint(SpeechRate), "-c:a", "pcm_s16le", "-map_metadata", "-1", "-bitexact", "-fs", "4290000000", "-f", "wav", "file:"+out)
	c := command{folder: filepath.Dir(out), limit: timeFor(facts.Duration)}
	return c.ffmpeg(ctx, args...)
}
