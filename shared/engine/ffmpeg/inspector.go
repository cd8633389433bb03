package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"math"
	"os"

	"latchkey/shared/engine/process"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// Inspector finds out what media is, how loud it is when, and how it looks.
type Inspector struct {
	Objects Objects
	Temp    string // folder for its files while it works, or "" for the system's
}

var _ recording.Inspector = Inspector{}

// Inspect implements recording.Inspector.
func (i Inspector) Inspect(ctx context.Context, m recording.Media) (recording.Facts, error) {
	folder, err := os.MkdirTemp(i.Temp, "latchkey-inspect-")
	if err != nil {
		return recording.Facts{}, err
	}
	defer os.RemoveAll(folder)
	file, err := Fetch(ctx, i.Objects, m.Object, folder)
	if err != nil {
		return recording.Facts{}, err
	}
	f, err := Probe(ctx, file)
	if err != nil {
		return recording.Facts{}, err
	}
	out := recording.Facts{Video: f.Video, Channels: f.Channels}
	if out.Duration, _, err = length(ctx, file, f); err != nil {
		return recording.Facts{}, err
	}
	w := work{folder: folder, media: file, facts: f}
	// What says what it is and cannot be decoded has neither peaks nor a picture.
	if f.sound != nil {
		if out.Peaks, err = w.peaks(ctx, out.Duration); err != nil && !fault.Is(err, fault.Invalid) {
			return recording.Facts{}, err
		}
	}
	if f.video != nil {
		if out.Thumbnail, err = w.thumbnail(ctx, out.Duration); err != nil && !fault.Is(err, fault.Invalid) {
			return recording.Facts{}, err
		}
	}
	return out, nil
}

// peakRate is the sample rate at which peaks are looked for.
const peakRate = 8000

// peaks of all channels, over the media's length: sound that ends before it is
// silent from there on.
func (w work) peaks(ctx context.Context, length int64) ([]byte, error) {
	s := w.audio(8)
	s.rate = peakRate
	p := &peaks{total: max(length*peakRate/1000, 1) * int64(s.channels)}
	if err := s.decode(ctx, command{folder: w.folder, limit: timeFor(length)}, p); err != nil {
		return nil, err
	}
	return p.found[:], nil
}

// peaks finds the largest sample of each part of so many of 16 bits.
type peaks struct {
	total int64  // samples
	at    int64  // samples seen
	odd   []byte // half of one
	found [recording.Peaks]byte
}

func (p *peaks) Write(b []byte) (int, error) {
	n := len(b)
	if len(p.odd) > 0 && n > 0 {
		p.add(p.odd[0], b[0])
		p.odd, b = nil, b[1:]
	}
	for ; len(b) > 1; b = b[2:] {
		p.add(b[0], b[1])
	}
	if len(b) == 1 {
		p.odd = []byte{b[0]}
	}
	return n, nil
}

// add takes a sample's low and high byte.
func (p *peaks) add(low, high byte) {
	v := int(int16(uint16(low) | uint16(high)<<8))
	part := min(p.at*recording.Peaks/p.total, recording.Peaks-1)
	p.at++
	p.found[part] = max(p.found[part], byte(min(max(v, -v)>>7, 255)))
}

// moments are where a picture is looked for, in hundredths of the length.
var moments = []int64{10, 25, 40, 60, 80, 0}

// bright is how bright a picture has to be in the mean, of 255, so that it is
// not taken for a black one.
const bright = 24

// thumbnail is a picture from a moment that is not black, or else the brightest
// that was found.
func (w work) thumbnail(ctx context.Context, length int64) (best []byte, err error) {
	most := -1.0
	for _, m := range moments {
		picture, err := w.picture(ctx, length*m/100)
		if err != nil {
			return nil, err
		}
		light, ok := brightness(picture)
		if ok && light > most {
			best, most = picture, light
		}
		if most >= bright {
			break
		}
	}
	if best == nil {
		return nil, fault.New(fault.Invalid, broken)
	}
	return best, nil
}

// picture is a JPEG of a moment, or nothing if there is none.
func (w work) picture(ctx context.Context, ms int64) ([]byte, error) {
	width, height := float64(w.facts.Width), float64(w.facts.Height)
	scale := min(recording.ThumbnailSize/width, recording.ThumbnailSize/height, 1)
	var out bytes.Buffer
	c := command{folder: w.folder, limit: probeTime, out: process.Bounded(&out, 2<<20)}
	args := append([]string{"-ss", fmt.Sprintf("%d.%03d", ms/1000, ms%1000)}, hostile(w.media)...)
	args = append(args, "-map", fmt.Sprintf("0:%d", w.facts.video.Index), "-frames:v", "1",
		"-vf", fmt.Sprintf("scale=%d:%d,setsar=1", max(int(math.Round(width*scale)), 1), max(int(math.Round(height*scale)), 1)),
		"-pix_fmt", "yuvj420p", "-map_metadata", "-1", "-bitexact", "-q:v", "4", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1")
	err := c.ffmpeg(ctx, args...)
	var failed *process.Failure
	if errors.As(err, &failed) && failed.Exited() && !failed.Slow {
		return nil, nil // there is nothing at this moment, but perhaps at another
	}
	return out.Bytes(), err
}

// brightness is how bright a JPEG is in the mean, of 255; false if it is none.
func brightness(picture []byte) (float64, bool) {
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return 0, false
	}
	b := img.Bounds()
	sum, n := 0.0, 0
	for y := b.Min.Y; y < b.Max.Y; y += 4 {
		for x := b.Min.X; x < b.Max.X; x += 4 {
			r, g, bl, _ := img.At(x, y).RGBA()
			sum, n = sum+0.299*float64(r>>8)+0.587*float64(g>>8)+0.114*float64(bl>>8), n+1
		}
	}
	return sum / float64(max(n, 1)), true
}
