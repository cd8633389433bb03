package pocketsphinx

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"latchkey/shared/engine/ffmpeg"
)

// Sound is looked at in frames of 10 ms, as PocketSphinx does.
const (
	frameMillis  = 10
	frameSamples = ffmpeg.SpeechRate * frameMillis / 1000
	frameBytes   = 2 * frameSamples
)

// sound is a plain mono WAV of ffmpeg.SpeechRate.
type sound struct {
	*os.File
	frames int
}

const headerBytes = 44

// listen has the sound of one channel, or their ffmpeg.Mix, in a file without
// a name. It has to be closed.
func (w work) listen(ctx context.Context, channel int) (s sound, err error) {
	file := filepath.Join(w.folder, "channel.wav")
	defer os.Remove(file)
	if err = ffmpeg.PCM(ctx, w.media, channel, file); err != nil {
		return s, err
	}
	if s.File, err = os.Open(file); err != nil {
		return s, err
	}
	info, err := s.Stat()
	if err != nil {
		s.Close()
		return s, err
	}
	s.frames = int((info.Size() - headerBytes + frameBytes - 1) / frameBytes)
	return s, nil
}

// span is a part of a sound, in frames.
type span struct{ from, to int }

// write makes a WAV file of a part.
func (s sound) write(part span, file string) (err error) {
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err = to.Write(header(part.to - part.from)); err == nil {
		_, err = io.Copy(to, io.NewSectionReader(s, headerBytes+int64(part.from)*frameBytes, int64(part.to-part.from)*frameBytes))
	}
	return err
}

// header is that of a WAV file.
func header(frames int) []byte {
	size, rate := uint32(frames*frameBytes), uint32(ffmpeg.SpeechRate)
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), size+headerBytes-8)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...) // 16 bytes: PCM, mono
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, 2*rate)
	b = append(b, "\x02\x00\x10\x00data"...) // 2 bytes a sample, 16 bits
	return binary.LittleEndian.AppendUint32(b, size)
}

// levels are how loud each frame is: two bytes for 10 ms, 2 MB for 3 hours.
func (s sound) levels() ([]uint16, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(s, headerBytes, int64(s.frames)*frameBytes), 1<<18)
	all, frame := make([]uint16, 0, s.frames), make([]byte, frameBytes)
	for range s.frames {
		n, err := io.ReadFull(r, frame)
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, fmt.Errorf("read sound: %w", err)
		}
		all = append(all, loudness(frame[:n]))
	}
	return all, nil
}

// loudness is the mean of the samples' distances from zero.
func loudness(samples []byte) uint16 {
	sum := 0
	for i := 0; i+1 < len(samples); i += 2 {
		v := int(int16(binary.LittleEndian.Uint16(samples[i:])))
		sum += max(v, -v)
	}
	return uint16(2 * sum / max(len(samples), 2))
}

// Pieces are about as long as each other: at most usual, and not so long that
// a processor has none, unless they were shorter than shortest. They cost no
// words: of LibriVox's clips, four times over, 33 % were wrong in one piece and
// 32 % in several.
const (
	usual    = 120_000 / frameMillis
	shortest = 20_000 / frameMillis
	quiet    = 300 / frameMillis // that a cut is made in the middle of
)

// pieces cuts a sound where it is quiet, for so many to work on.
func pieces(levels []uint16, workers int) []span {
	n := max((len(levels)+usual-1)/usual, min(workers, len(levels)/shortest), 1)
	size, all := len(levels)/n, make([]span, n)
	for i := 1; i < n; i++ {
		from := i*size - size/4
		at := from + quietest(levels[from:from+size/2])
		all[i-1].to, all[i].from = at, at
	}
	all[n-1].to = len(levels)
	return all
}

// quietest is the middle of the first quiet place than which none is quieter.
func quietest(levels []uint16) int {
	sum, least, at := 0, math.MaxInt, 0
	for i, l := range levels {
		sum += int(l)
		if i >= quiet {
			sum -= int(levels[i-quiet])
		}
		if i >= quiet-1 && sum < least {
			least, at = sum, i-quiet/2
		}
	}
	return at
}
