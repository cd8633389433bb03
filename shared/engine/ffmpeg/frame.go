package ffmpeg

import (
	"fmt"
	"math"

	"latchkey/shared/recording"
)

// maxFrame bounds the frames that are made: those of 4K.
const maxFrame = 3840 * 2160

// layout says how a video is put into a frame. All lengths are even, as the
// encoder wants them.
type layout struct {
	Width, Height int    // of the frame
	InW, InH      int    // of the video, which is padded or cropped to the frame
	Colour        string // beside it
}

// layoutOf is that of a video of a size as it is seen. In another ratio the
// frame's shorter side is the video's.
func layoutOf(width, height int, b recording.BurnIn) layout {
	w, h := float64(width), float64(height)
	fw, fh := w, h
	var x, y float64
	if n, _ := fmt.Sscanf(b.Ratio, "%g:%g", &x, &y); n == 2 {
		short := min(w, h)
		fw, fh = short*max(x/y, 1), short*max(y/x, 1)
	}
	if area := fw * fh; area > maxFrame {
		s := math.Sqrt(maxFrame / area)
		fw, fh, w, h = fw*s, fh*s, w*s, h*s
	}
	s := min(fw/w, fh/h)
	if b.Position == "fill" {
		s = max(fw/w, fh/h)
	}
	l := layout{Width: even(fw), Height: even(fh), Colour: b.Background}
	l.InW, l.InH = even(w*s), even(h*s)
	if b.Position == "fill" {
		l.InW, l.InH = max(l.InW, l.Width), max(l.InH, l.Height)
	} else {
		l.InW, l.InH = min(l.InW, l.Width), min(l.InH, l.Height)
	}
	return l
}

func even(x float64) int { return max(2*int(math.Round(x/2)), 2) }

// filter puts a video into the frame.
func (l layout) filter() string {
	scale := fmt.Sprintf("scale=%d:%d", l.InW, l.InH)
	switch {
	case l.InW > l.Width || l.InH > l.Height:
		scale += fmt.Sprintf(",crop=%d:%d", l.Width, l.Height)
	case l.InW < l.Width || l.InH < l.Height:
		scale += fmt.Sprintf(",pad=%d:%d:(ow-iw)/2:(oh-ih)/2:color=0x%s", l.Width, l.Height, l.Colour[1:])
	}
	return scale + ",setsar=1,format=yuv420p"
}
