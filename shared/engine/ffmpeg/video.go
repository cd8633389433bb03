package ffmpeg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"latchkey/shared/fault"
)

// lead is how long before a piece reading begins, in µs. Some containers do not
// know where a picture is that needs no other: with x264's defaults there is one
// each 10.4 s at least.
const lead = 12_000_000

// work is a rendering in a folder of its own.
type work struct {
	plan
	folder string
	media  string // the source
	facts  Facts
	fonts  string
}

// piece renders one piece into the folder, and tells of each frame. It is the
// same whether what is before it was rendered or not: frames stand where the
// source's clock has them, from its beginning.
func (w work) piece(ctx context.Context, i int, told func(frames int64)) (file string, err error) {
	from, all := w.Pieces[i][0].From, w.Pieces[i]
	to := all[len(all)-1].To
	// What is before the piece is not shown, but stays until something else does.
	filters := []string{
		"tpad=stop_mode=clone:stop=-1", // the sound may be longer
		fmt.Sprintf("fps=fps=%v:start_time=%s:round=near", w.Rate, w.Rate.seconds(from)),
	}
	if len(all) > 1 {
		filters = append(filters, "select='"+chosen(all, from)+"'")
	}
	filters = append(filters, w.Layout.filter())
	if len(w.Subtitles) > 0 {
		text := w.Look.subtitles(w.Subtitles, w.Rate.micros(from)/1000, w.Rate.micros(to)/1000+1)
		if err := os.WriteFile(filepath.Join(w.folder, "subtitles.ass"), []byte(text), 0o600); err != nil {
			return "", err
		}
		filters = append(filters, "ass=subtitles.ass")
	}
	filters = append(filters, fmt.Sprintf("setpts=N*%d/(%d*TB)", w.Rate.Den, w.Rate.Num))
	seek := max(min(w.Rate.micros(from), w.VideoEnd*1000)-lead, 0)
	args := []string{"-progress", "pipe:1", "-stats_period", "1", "-copyts", "-start_at_zero", "-noaccurate_seek", "-reinit_filter", "0"}
	if seek > 0 {
		args = append(args, "-ss", fmt.Sprintf("%dus", seek))
	}
	args = append(append(args, hostile(w.media)...), "-map", fmt.Sprintf("0:%d", w.facts.video.Index), "-vf", strings.Join(filters, ","),
		"-frames:v", strconv.FormatInt(count(all), 10), "-map_metadata", "-1", "-map_chapters", "-1")
	args = append(args, encoder()...)
	file = filepath.Join(w.folder, pieceName(i))
	done := &progress{told: told}
	c := command{folder: w.folder, limit: timeFor((w.Rate.micros(to) - seek) / 1000), fonts: w.fonts, out: done}
	if err = c.ffmpeg(ctx, append(args, "-f", "mp4", "file:"+file)...); err == nil && done.frames != count(all) {
		err = fault.Wrap(fault.Invalid, fmt.Errorf("piece %d: %d frames are %d", i, count(all), done.frames), broken)
	}
	return file, err
}

// encoder makes H.264 that every browser plays.
func encoder() []string {
	threads := strconv.Itoa(min(runtime.NumCPU(), 8))
	return []string{"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", threads}
}

// chosen is an expression of which of the frames from one on are taken. A sum
// of many terms has to be a tree: ffmpeg's parser goes as deep as a list is long.
func chosen(all []frames, from int64) string {
	if len(all) == 1 {
		return fmt.Sprintf(`between(n\,%d\,%d)`, all[0].From-from, all[0].To-from-1)
	}
	half := len(all) / 2
	return "(" + chosen(all[:half], from) + "+" + chosen(all[half:], from) + ")"
}

// join puts the pieces together, with sound: the source's own, or else samples
// that are read, and moves the index to the beginning, where players want it.
func (w work) join(ctx context.Context, sound *cutting, out string) error {
	var list strings.Builder
	list.WriteString("ffconcat version 1.0\n")
	done := int64(0)
	for i, piece := range w.Pieces {
		next := done + count(piece)
		us := w.Rate.micros(next) - w.Rate.micros(done)
		fmt.Fprintf(&list, "file %s\nduration %d.%06d\n", pieceName(i), us/1_000_000, us%1_000_000)
		done = next
	}
	if err := os.WriteFile(filepath.Join(w.folder, "pieces.ffconcat"), []byte(list.String()), 0o600); err != nil {
		return err
	}
	args := []string{"-protocol_whitelist", "file", "-format_whitelist", "concat,mov", "-f", "concat", "-i", "file:pieces.ffconcat"}
	c := command{folder: w.folder, limit: timeFor(w.Rate.micros(done) / 1000)}
	switch {
	case sound != nil:
		args = append(append(args, sound.input()...), "-map", "0:v", "-map", "1:a", "-c:a", "aac", "-b:a", "160k")
	case w.facts.sound != nil:
		args = append(append(args, hostile(w.media)...), "-map", "0:v", "-map", fmt.Sprintf("1:%d", w.facts.sound.Index), "-c:a", "copy")
	}
	args = append(args, "-c:v", "copy", "-t", w.Rate.seconds(done), "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4", "file:"+out)
	if sound == nil {
		return c.ffmpeg(ctx, args...)
	}
	return sound.into(ctx, c, args)
}

// progress reads what ffmpeg's option of that name prints.
type progress struct {
	told   func(frames int64)
	frames int64  // so far
	begun  []byte // a line
}

func (p *progress) Write(b []byte) (int, error) {
	p.begun = append(p.begun, b...)
	for {
		line, rest, ok := bytes.Cut(p.begun, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		p.begun = rest
		if n, ok := strings.CutPrefix(string(line), "frame="); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64); err == nil {
				p.frames = n
				p.told(n)
			}
		}
	}
}
