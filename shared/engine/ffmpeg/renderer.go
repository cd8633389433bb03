package ffmpeg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Renderer burns subtitles into videos, and cuts media.
//
// A video is rendered in pieces that are joined. When there are several, each
// is kept in the bucket as soon as it is made: whoever is called again for
// the same rendering goes on after the last. With a context that has a
// deadline it stops while there is time, and returns job.Later.
type Renderer struct {
	Bucket  Bucket
	Temp    string        // folder for its files while it works, or "" for the system's
	Piece   time.Duration // of the source that a piece reaches over; 0 for 2 minutes, less of what is larger than 1080p
	Reserve time.Duration // that must be left before the deadline for a piece to be begun; 0 for 5 minutes
}

var _ recording.Renderer = Renderer{}

// lastMoment is how long before a deadline a piece is given up.
const lastMoment = 30 * time.Second

// BurnIn implements recording.Renderer.
func (r Renderer) BurnIn(ctx context.Context, id string, m recording.Media, t transcript.Transcript, b recording.BurnIn) (io.ReadCloser, error) {
	return r.in(ctx, m, func(w work) (string, error) {
		return r.video(ctx, id, w, func(ms int64) (p plan, err error) {
			p.Layout = layoutOf(w.facts.Width, w.facts.Height, b)
			p.Look = look{b, p.Layout.Width, p.Layout.Height}
			p.Subtitles = cuesOf(t, p.Look.line())
			return r.pieces(p, w.facts, []recording.Span{{End: ms}}, ms)
		})
	})
}

// Export implements recording.Renderer.
func (r Renderer) Export(ctx context.Context, id string, m recording.Media, parts []recording.Span, format string) (io.ReadCloser, error) {
	return r.in(ctx, m, func(w work) (string, error) {
		if format != recording.MP4 {
			return w.sound(ctx, parts, format)
		}
		return r.video(ctx, id, w, func(ms int64) (plan, error) {
			p := plan{Cut: true, Layout: layoutOf(w.facts.Width, w.facts.Height, recording.DefaultBurnIn)}
			return r.pieces(p, w.facts, parts, ms)
		})
	})
}

// Forget implements recording.Renderer.
func (r Renderer) Forget(ctx context.Context, id string) error {
	return r.Bucket.DeleteAll(ctx, kept(id, ""))
}

// in has something made of media in a folder, of which nothing is left: what
// was made is read from a file without a name.
func (r Renderer) in(ctx context.Context, m recording.Media, do func(work) (string, error)) (io.ReadCloser, error) {
	folder, err := os.MkdirTemp(r.Temp, "latchkey-render-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	w := work{folder: folder}
	if w.media, err = Fetch(ctx, r.Bucket, m.Object, folder); err != nil {
		return nil, err
	}
	if w.facts, err = Probe(ctx, w.media); err != nil {
		return nil, err
	}
	if w.fonts, err = writeFonts(folder); err != nil {
		return nil, err
	}
	file, err := do(w)
	if err != nil {
		return nil, err
	}
	return os.Open(file)
}

// pieces completes a plan for parts of media that lasts so long.
func (r Renderer) pieces(p plan, f Facts, parts []recording.Span, ms int64) (plan, error) {
	p.Rate = rateOf(f.video.Rate)
	all := p.Rate.framesOf(parts, ms)
	if len(all) == 0 {
		return p, fault.New(fault.Invalid, afterEnd)
	}
	p.Pieces = pieces(all, max(p.Rate.at(cmp.Or(r.Piece, pieceOf(f)).Milliseconds()), 1))
	return p, nil
}

// pieceOf is of which length pieces are rendered in some minutes, by two
// processors or so.
func pieceOf(f Facts) time.Duration {
	const most, pixels = 2 * time.Minute, 1920 * 1080
	return max(min(most, most*pixels/time.Duration(f.Width*f.Height)), 10*time.Second)
}

const afterEnd = "the media ends before what is wanted of it begins"

// video renders what is planned, piece by piece, and joins it.
func (r Renderer) video(ctx context.Context, id string, w work, planned func(ms int64) (plan, error)) (file string, err error) {
	if w.facts.video == nil {
		return "", fault.New(fault.Invalid, "the media has no video")
	}
	w.plan, err = r.plan(ctx, id, func() (plan, error) {
		ms, video, err := length(ctx, w.media, w.facts)
		if err != nil {
			return plan{}, err
		}
		p, err := planned(ms)
		p.VideoEnd = video
		return p, err
	})
	if err != nil {
		return "", err
	}
	s := steps{Renderer: r, work: w, id: id, all: w.frames()}
	for i := range w.Pieces {
		if err := s.piece(ctx, i); err != nil {
			return "", err
		}
	}
	file = filepath.Join(w.folder, "joined.mp4")
	return file, s.step(ctx, func(ctx context.Context) error {
		if err := s.fetch(ctx); err != nil {
			return err
		}
		err := w.join(ctx, w.cut(), file)
		if errors.Is(err, errSilent) { // the picture goes on, or the sound is a track without any
			w.facts.sound = nil
			err = w.join(ctx, nil, file)
		}
		return err
	})
}

// steps are the pieces of one rendering, and their joining.
type steps struct {
	Renderer
	work
	id        string
	done, all int64 // frames
	taken     int   // steps by this call
}

// step does something that takes long, if there is time for it: the first of
// a call is always begun.
func (s *steps) step(ctx context.Context, do func(context.Context) error) error {
	later := job.Later{Progress: s.percent(0)}
	deadline, bounded := ctx.Deadline()
	if bounded && s.taken > 0 && time.Until(deadline) < cmp.Or(s.Reserve, 5*time.Minute) {
		return later
	}
	inTime := ctx
	if bounded {
		var cancel context.CancelFunc
		inTime, cancel = context.WithDeadline(ctx, deadline.Add(-min(lastMoment, time.Until(deadline)/2)))
		defer cancel()
	}
	err := do(inTime)
	if err != nil && inTime.Err() != nil && ctx.Err() == nil {
		if s.taken > 0 {
			return later
		}
		return fault.Wrap(fault.Invalid, err, "the video is too large to work on")
	}
	s.taken++
	return err
}

// percent is how much is done, with some frames of a piece.
func (s *steps) percent(frames int64) int { return int(min(95*(s.done+frames)/s.all, 95)) }

// piece makes one, unless it is kept, and keeps it if there are several.
func (s *steps) piece(ctx context.Context, i int) error {
	several := len(s.Pieces) > 1
	if several {
		has, err := s.Bucket.Has(ctx, kept(s.id, pieceName(i)))
		if err != nil {
			return fmt.Errorf("piece: %w", err)
		}
		if has {
			s.done += count(s.Pieces[i])
			return nil
		}
	}
	return s.step(ctx, func(ctx context.Context) error {
		file, err := s.work.piece(ctx, i, func(frames int64) { job.Report(ctx, s.percent(frames)) })
		if err != nil {
			return err
		}
		if several {
			err = s.keep(ctx, i, file)
		}
		s.done += count(s.Pieces[i])
		return err
	})
}

func (s *steps) keep(ctx context.Context, i int, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.Bucket.Stream(ctx, kept(s.id, pieceName(i)), f)
}

// fetch gets the pieces that earlier calls have made.
func (s *steps) fetch(ctx context.Context) error {
	for i := range s.Pieces {
		file := filepath.Join(s.folder, pieceName(i))
		if _, err := os.Stat(file); err == nil {
			continue
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
		body, err := s.Bucket.Open(ctx, kept(s.id, pieceName(i)))
		if err == nil {
			err = write(file, body)
			body.Close()
		}
		if err != nil {
			return fmt.Errorf("piece %d: %w", i, err)
		}
	}
	return nil
}

// audio decodes the sound with at most so many channels.
func (w work) audio(channels int) audio {
	return audio{media: w.media, facts: w.facts, rate: w.facts.sampleRate(), channels: min(w.facts.Channels, channels)}
}

// cut is the sound of the frames, or nil if it is copied or there is none.
func (w work) cut() *cutting {
	if w.facts.sound == nil || !w.Cut && (w.facts.sound.Codec == "aac" || w.facts.sound.Codec == "mp3") {
		return nil
	}
	s := &cutting{audio: w.audio(2)}
	at := func(frame int64) int64 { return w.Rate.micros(frame) * int64(s.rate) / 1_000_000 }
	for _, piece := range w.Pieces {
		for _, f := range piece {
			s.parts = append(s.parts, frames{at(f.From), at(f.To)})
		}
	}
	return s
}

// sound makes a file of the sound of the parts.
func (w work) sound(ctx context.Context, parts []recording.Span, format string) (string, error) {
	if w.facts.sound == nil {
		return "", fault.New(fault.Invalid, "the media has no sound")
	}
	s := &cutting{audio: w.audio(8)}
	args := []string{"-c:a", "pcm_s16le", "-rf64", "auto", "-f", "wav"}
	if format == recording.MP3 {
		s.audio = w.audio(2)
		args = []string{"-c:a", "libmp3lame", "-b:a", strconv.Itoa(96*s.channels) + "k", "-f", "mp3"}
		if s.rate < 32000 { // an encoder's delay is 1105 samples: a seventh of a second of a telephone's
			args = append(args, "-ar", "48000")
		}
	}
	at := func(ms int64) int64 { return ms * int64(s.rate) / 1000 }
	for _, p := range parts {
		s.parts = append(s.parts, frames{at(p.Start), at(p.End)})
	}
	file := filepath.Join(w.folder, "cut."+format)
	args = append(append(append([]string{}, s.input()...), "-map_metadata", "-1"), args...)
	c := command{folder: w.folder, limit: timeFor(max(w.facts.Duration, 10*60_000))}
	return file, s.into(ctx, c, append(args, "file:"+file))
}
