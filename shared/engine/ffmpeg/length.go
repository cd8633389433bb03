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
// missing, guessed or a lie by the times of all its packets.
func length(ctx context.Context, file string, f Facts) (int64, error) {
	last := &ends{wanted: map[string]bool{}}
	for _, s := range []*stream{f.video, f.sound} {
		if s != nil {
			last.wanted[strconv.Itoa(s.Index)] = true
		}
	}
	c := command{folder: filepath.Dir(file), limit: 30 * time.Minute, out: last}
	args := append([]string{"-v", "error", "-show_entries", "packet=stream_index,pts_time,duration_time", "-of", "csv=p=0"}, hostile(file)...)
	if err := c.run(ctx, "ffprobe", args...); err != nil {
		return 0, err
	}
	ms := millis(strconv.FormatFloat(last.end-f.start, 'f', 6, 64))
	if f.Duration-sayable <= ms && ms <= f.Duration+sayable {
		return f.Duration, nil
	}
	return ms, nil
}

// ends reads lines of a packet's stream, its time and its duration, and keeps
// where the last one ends.
type ends struct {
	wanted map[string]bool
	end    float64 // s
	line   []byte  // that has begun
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
		if pts, err := strconv.ParseFloat(at, 64); err == nil && e.wanted[stream] {
			duration, _ := strconv.ParseFloat(strings.TrimRight(lasts, ",\r"), 64) // "N/A" is 0
			e.end = max(e.end, pts+duration)
		}
	}
}
