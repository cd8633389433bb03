package ffmpeg

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"latchkey/shared/engine/process"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// Facts are what a file says that it is. It may lie.
type Facts struct {
	Duration      int64 // ms, at most transcript.MaxTime; 0 if it does not say
	Video         bool  // a picture that belongs to sound is none
	Channels      int   // of the sound, 0 without one
	Width, Height int   // of the video as it is seen: turned, and with square pixels

	video, sound *stream
	start        float64 // s, on the file's clock
}

// stream is one of a file's.
type stream struct {
	Index       int    `json:"index"`
	Type        string `json:"codec_type"`
	Codec       string `json:"codec_name"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Aspect      string `json:"sample_aspect_ratio"` // of pixels: "4:3"
	Rate        string `json:"avg_frame_rate"`      // "30000/1001"
	Start       string `json:"start_time"`          // s
	Channels    int    `json:"channels"`
	SampleRate  string `json:"sample_rate"`
	Disposition struct {
		Picture int `json:"attached_pic"`
	} `json:"disposition"`
	SideData []struct {
		Rotation float64 `json:"rotation"` // degrees
	} `json:"side_data_list"`
}

// entries are what is asked of a file.
const entries = "format=duration,start_time:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,start_time,channels,sample_rate" +
	":stream_disposition=attached_pic:stream_side_data=rotation"

// Probe looks at a local file. fault.Invalid, with a reason for a person, if
// there is nothing to see or hear in it.
func Probe(ctx context.Context, file string) (Facts, error) {
	var out bytes.Buffer
	c := command{folder: filepath.Dir(file), limit: probeTime, out: process.Bounded(&out, 1<<20)}
	args := append([]string{"-v", "error", "-print_format", "json", "-show_entries", entries}, hostile(file)...)
	if err := c.run(ctx, "ffprobe", args...); err != nil {
		return Facts{}, err
	}
	return read(out.Bytes())
}

// read makes facts of what ffprobe printed.
func read(printed []byte) (Facts, error) {
	var found struct {
		Streams []*stream `json:"streams"`
		Format  struct {
			Duration string `json:"duration"` // s
			Start    string `json:"start_time"`
		} `json:"format"`
	}
	if err := json.Unmarshal(printed, &found); err != nil {
		return Facts{}, fault.Wrap(fault.Invalid, err, broken)
	}
	f := Facts{Duration: millis(found.Format.Duration)}
	f.start, _ = strconv.ParseFloat(found.Format.Start, 64) // 0 if it has none
	for _, s := range found.Streams {
		switch {
		case f.video == nil && s.Type == "video" && s.Disposition.Picture == 0 && s.Width > 0 && s.Height > 0:
			f.video, f.Video = s, true
			f.Width, f.Height = s.seen()
		case f.sound == nil && s.Type == "audio" && s.Channels > 0:
			f.sound, f.Channels = s, s.Channels
		}
	}
	if f.video == nil && f.sound == nil {
		return f, fault.New(fault.Invalid, "the media has neither sound nor video")
	}
	if f.Width*f.Height > maxPixels || f.Video && f.video.Width*f.video.Height > maxPixels {
		return f, fault.New(fault.Invalid, "the video is too large: %d × %d pixels", f.Width, f.Height)
	}
	return f, nil
}

// seen is the size of a video as it is shown.
func (s *stream) seen() (width, height int) {
	width, height = s.Width, s.Height
	if a := ratio(s.Aspect, ":"); a > 0.1 && a < 10 {
		width = int(math.Round(float64(width) * a))
	}
	for _, d := range s.SideData {
		if int(math.Round(d.Rotation))%180 != 0 {
			return height, width
		}
	}
	return width, height
}

// ratio reads "4:3" or "30000/1001"; 0 if it is none.
func ratio(text, by string) float64 {
	a, b, _ := strings.Cut(text, by)
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil || x <= 0 || y <= 0 {
		return 0
	}
	return x / y
}

// millis reads seconds.
func millis(text string) int64 {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s > 0) {
		return 0
	}
	return int64(math.Round(min(s*1000, transcript.MaxTime)))
}
