package ffmpeg

import (
	"fmt"
	"math"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// rate is how many frames a second has, as a fraction.
type rate struct{ Num, Den int64 }

// Slowest and fastest rates of what is rendered: below, subtitles would come
// late; what lies above is halved.
const (
	minRate = 20
	maxRate = 60.5
)

// usual are the rates that are meant when one is near.
var usual = []rate{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {48, 1}, {50, 1}, {60000, 1001}, {60, 1}}

// rateOf returns the rate at which a video is rendered whose average rate
// ffprobe prints so: that rate, or a multiple or a part of it. All frames last
// equally long then, so that it can be cut at any of them and joined exactly.
func rateOf(average string) rate {
	r := ratio(average, "/")
	if !(r >= 0.01 && r <= 10_000) { // NaN, too
		return rate{25, 1}
	}
	for r < minRate {
		r *= 2
	}
	for r > maxRate {
		r /= 2
	}
	for _, u := range usual {
		if f := float64(u.Num) / float64(u.Den); math.Abs(r/f-1) < 0.0004 { // 24 and 24000/1001 are 0.001 apart
			return u
		}
	}
	return rate{int64(math.Ceil(r)), 1}
}

// at is the frame that is nearest to a time.
func (r rate) at(ms int64) int64 { return (ms*r.Num + 500*r.Den) / (1000 * r.Den) }

// micros is when a frame begins, in µs.
func (r rate) micros(frame int64) int64 { return (frame*1_000_000*r.Den + r.Num/2) / r.Num }

// seconds is when a frame begins.
func (r rate) seconds(frame int64) string {
	us := r.micros(frame)
	return fmt.Sprintf("%d.%06d", us/1_000_000, us%1_000_000)
}

// String is as ffmpeg reads it.
func (r rate) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// frames are those from one up to another, which is not among them.
type frames struct{ From, To int64 }

// framesOf are the parts of media of a length, in frames. What rounding takes
// from one part it gives to the next, so that all together have the length
// that the parts have.
func (r rate) framesOf(parts []recording.Span, length int64) (out []frames) {
	var ms, done, last int64
	for _, p := range parts {
		p.Start, p.End = max(p.Start, 0), min(p.End, length, transcript.MaxTime)
		if p.End <= p.Start {
			continue
		}
		ms += p.End - p.Start
		from := max(r.at(p.Start), last)
		n := r.at(ms) - done
		if n <= 0 {
			continue
		}
		done, last = done+n, from+n
		if end := len(out) - 1; end >= 0 && out[end].To == from {
			out[end].To = last
		} else {
			out = append(out, frames{from, last})
		}
	}
	return out
}

// count is how many frames there are.
func count(all []frames) (n int64) {
	for _, f := range all {
		n += f.To - f.From
	}
	return n
}

// pieces cuts frames where a piece would reach over more than most frames of
// the source.
func pieces(all []frames, most int64) (out [][]frames) {
	for _, f := range all {
		for f.From < f.To {
			if n := len(out) - 1; n >= 0 && f.From-out[n][0].From < most {
				cut := min(f.To, out[n][0].From+most)
				out[n] = append(out[n], frames{f.From, cut})
				f.From = cut
				continue
			}
			cut := min(f.To, f.From+most)
			out = append(out, []frames{{f.From, cut}})
			f.From = cut
		}
	}
	return out
}
