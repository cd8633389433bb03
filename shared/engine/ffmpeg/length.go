package ffmpeg

import (
	"bytes"
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sayable is by how much what a file says of its length may differ from where
// its last packet ends, in ms.
const sayable = 1000

// length is how long a file's media lasts, in ms: as it says, unless that is
// missing, guessed or a lie by the times of all its packets. The video alone
// may end earlier.
func length(ctx context.Context, file string, f Facts) (all, video int64, err error) {
	last := &ends{at: map[string]float64{}}
	c := command{folder: filepath.Dir(file), limit: 30 * time.Minute, out: last}
	args := append([]string{"-v", "error", "-show_entries", "packet=stream_index,pts_time,duration_time", "-of", "csv=p=0"}, hostile(file)...)
	if err := c.run(ctx, "ffprobe", args...); err != nil {
		return 0, 0, err
	}
	end := func(s *stream) int64 {
		if s == nil {
			return 0
		}
		return millis(strconv.FormatFloat(last.at[strconv.Itoa(s.Index)]-f.start, 'f', 6, 64))
	}
	video = end(f.video)
	all = max(video, end(f.sound))
	if f.Duration-sayable <= all && all <= f.Duration+sayable {
		all = f.Duration
	}
	return all, video, nil
}

// ends reads lines of a packet's stream, its time and its duration, and keeps
// where the last one of each stream ends.
type ends struct {
	at   map[string]float64 // s, by the stream's index
	line []byte             // that has begun
}

func (e *ends) Write(p []byte) (int, error) {
	all := append(e.line, p...)
	for {
		line, rest, ok := bytes.Cut(all, []byte("\n"))
		if !ok {
			e.line = append(e.line[:0], all...)
			return len(p), nil
		}
		all = rest
		stream, times, _ := strings.Cut(string(line), ",")
		at, lasts, _ := strings.Cut(times, ",")
		if pts, err := strconv.ParseFloat(at, 64); err == nil {
			duration, _ := strconv.ParseFloat(strings.TrimRight(lasts, ",\r"), 64) // "N/A" is 0
			e.at[stream] = max(e.at[stream], pts+duration)
		}
	}
}
