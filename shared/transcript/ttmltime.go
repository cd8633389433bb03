package transcript

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// ttmlRates are the frames and the ticks of a second (TTML1 §6.2).
type ttmlRates struct{ frame, tick float64 }

func (c *ttmlRates) set(values map[string]string) error {
	rate := func(name string, into *float64) error {
		v, ok := values[name]
		if !ok {
			return nil
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || !(n >= 1 && n <= 1e12) {
			return fmt.Errorf("%s is not a positive number", name)
		}
		*into = n
		return nil
	}
	if err := rate("frameRate", &c.frame); err != nil {
		return err
	}
	if f := strings.Fields(values["frameRateMultiplier"]); len(f) == 2 {
		n, err1 := strconv.ParseUint(f[0], 10, 32)
		d, err2 := strconv.ParseUint(f[1], 10, 32)
		if err1 != nil || err2 != nil || n == 0 || d == 0 {
			return errors.New("frameRateMultiplier is not two positive numbers")
		}
		c.frame *= float64(n) / float64(d)
	}
	if values["frameRate"] != "" {
		c.tick = c.frame // unless said otherwise
	}
	return rate("tickRate", &c.tick)
}

// times reads begin, end and dur, which count from the begin of the element
// around, and end no later than it does.
func (c *ttmlRates) times(s *ttmlScope, values map[string]string, outer ttmlScope) error {
	for _, name := range []string{"begin", "end", "dur"} {
		v, ok := values[name]
		if !ok {
			continue
		}
		ms, err := c.parse(v)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.timed = true
		switch name {
		case "begin":
			s.start = outer.start + ms
		case "end":
			s.end = outer.start + ms
		case "dur":
			if end := s.start + ms; values["end"] == "" || end < s.end {
				s.end = end
			}
		}
	}
	if outer.end >= 0 && s.timed {
		s.end = min(s.end, outer.end)
	}
	if s.end >= 0 && s.end < s.start {
		return errors.New("the end is before the begin")
	}
	if s.start > MaxTime || s.end > MaxTime {
		return errors.New("a time is 100 hours or more")
	}
	return nil
}

var (
	ttmlClockTime  = regexp.MustCompile(`^(\d{2,3}):(\d\d):(\d\d)(?:[.,](\d{1,9})|:(\d{2,4})(?:\.\d+)?)?$`)
	ttmlOffsetTime = regexp.MustCompile(`^(\d{1,15}(?:\.\d{1,9})?)(h|ms|m|s|f|t)$`)
)

// parse reads a time expression (TTML1 §10.3.1) to ms.
func (c *ttmlRates) parse(s string) (int64, error) {
	s = strings.TrimSpace(s)
	var seconds float64
	if m := ttmlClockTime.FindStringSubmatch(s); m != nil {
		number := func(s string) float64 { n, _ := strconv.ParseFloat(s, 64); return n } // digits, or "" for 0
		seconds = number(m[1])*3600 + number(m[2])*60 + number(m[3]) + number("0."+m[4]) + number(m[5])/c.frame
	} else if m := ttmlOffsetTime.FindStringSubmatch(s); m != nil {
		n, _ := strconv.ParseFloat(m[1], 64) // as the expression has it
		unit := map[string]float64{"h": 3600, "m": 60, "s": 1, "ms": 0.001, "f": 1 / c.frame, "t": 1 / c.tick}
		seconds = n * unit[m[2]]
	} else {
		return 0, errors.New("not a time")
	}
	if seconds*1000 > MaxTime {
		return 0, errors.New("a time is 100 hours or more")
	}
	return int64(math.Round(seconds * 1000)), nil
}

var ttmlColours = map[string]string{
	"black": "#000000", "silver": "#c0c0c0", "gray": "#808080", "white": "#ffffff", "maroon": "#800000", "red": "#ff0000",
	"purple": "#800080", "fuchsia": "#ff00ff", "magenta": "#ff00ff", "green": "#008000", "lime": "#00ff00", "olive": "#808000",
	"yellow": "#ffff00", "navy": "#000080", "blue": "#0000ff", "teal": "#008080", "aqua": "#00ffff", "cyan": "#00ffff",
}

var ttmlHex = regexp.MustCompile(`^#[0-9a-f]{6}([0-9a-f]{2})?$`)

// ttmlColour is a colour as "#rrggbb", or "" for none, a transparent one and
// one of another notation.
func ttmlColour(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if ttmlHex.MatchString(s) && (len(s) == 7 || s[7:] != "00") {
		return s[:7]
	}
	return ttmlColours[s]
}
