package transcript

import "sort"

// fitting tells how far a caption can go on: its words are added one by one.
type fitting struct {
	Limits
	words, length int
	seams         int // where nothing stands between two words
	start, end    int64
	lines         lineCount
}

// add reports whether a unit still fits. The first one always does.
func (f *fitting) add(u *unit) bool {
	if f.words == 0 {
		f.words, f.length, f.start, f.end = 1, u.length, u.start, u.end
		f.lines = lineCount{width: f.LineLength, words: f.LineWords}
		f.lines.add(u)
		return true
	}
	end := max(f.end, u.end)
	if f.Words > 0 && f.words == f.Words ||
		f.Duration > 0 && end-f.start > f.Duration || f.Silence > 0 && u.start-f.end > f.Silence {
		return false
	}
	f.lines.add(u)
	if f.lines.over || f.Lines > 0 && f.limitsLine() && f.lines.n > f.Lines {
		return false
	}
	if u.gap == 0 {
		f.seams++
	}
	f.words, f.length, f.end = f.words+1, f.length+u.gap+u.length, end
	return f.Characters == 0 || f.length+min(f.seams, f.lineBreaks()) <= f.Characters
}

// lineBreaks is how many a caption may have. One that stands where no space
// was is a character more.
func (f *fitting) lineBreaks() int {
	switch {
	case f.LineLength == 0 && f.Lines > 0:
		return f.Lines - 1
	case f.limitsLine():
		return f.lines.n - 1
	}
	return 0
}

// fits says how many units fit into one caption.
func (l Limits) fits(units []unit) int {
	f := fitting{Limits: l}
	for i := range units {
		if !f.add(&units[i]) {
			return i
		}
	}
	return len(units)
}

// lineCount fills one line after the other.
type lineCount struct {
	width, words   int  // of a line, or 0
	n              int  // lines so far
	length, inside int  // characters and words of the last line
	over           bool // a word is wider than a line
}

func (c *lineCount) add(u *unit) {
	if c.width > 0 && u.length > c.width {
		c.over = true
	}
	if c.n > 0 && (c.width == 0 || c.length+u.gap+u.length <= c.width) && (c.words == 0 || c.inside < c.words) {
		c.length, c.inside = c.length+u.gap+u.length, c.inside+1
		return
	}
	c.n, c.length, c.inside = c.n+1, u.length, 1
}

func (l Limits) limitsLine() bool { return l.LineLength > 0 || l.LineWords > 0 }

// lays reports whether lines are made anew.
func (l Limits) lays() bool { return l.limitsLine() || l.Lines > 0 }

// inLines are a caption's words, with "\n" before those that begin a line.
func (l Limits) inLines(units []unit) []Word {
	begins := l.lineBegins(units)
	n := 0
	for i := range units {
		u := &units[i]
		n += len(u.words)
		switch first := &u.words[0]; {
		case i == 0:
		case begins[i]:
			first.Text = "\n" + first.Text
		case u.given != "":
			first.Text = u.given
		case u.space != "":
			first.Text = u.space + first.Text
		}
	}
	return units[0].words[:n:n] // which are one after the other
}

// lineBegins tells before which units a line begins: as few lines as there
// can be, about equally long, and broken where it is good.
func (l Limits) lineBegins(units []unit) map[int]bool {
	width := l.LineLength
	if width == 0 && l.Lines > 1 {
		width = max(l.usualWidth(), l.narrowest(units))
	}
	if width == 0 && l.LineWords == 0 {
		return nil
	}
	one := lineCount{width: width, words: l.LineWords}
	begins := map[int]bool{}
	for i := range units {
		n := one.n
		if one.add(&units[i]); one.n > n {
			begins[i] = true
		}
	}
	if one.n < 2 || len(units) > mostWords {
		return begins
	}
	return balanced(units, width, l.LineWords)
}

// usualWidth is how long a line may be before another is begun, where only
// the number of lines is limited.
func (l Limits) usualWidth() int {
	if l.Characters > 0 {
		return (l.Characters + l.Lines - 1) / l.Lines
	}
	return DefaultLimits.LineLength
}

// narrowest is the least width at which units need no more than Lines.
func (l Limits) narrowest(units []unit) int {
	longest, all := 0, 0
	for _, u := range units {
		longest, all = max(longest, u.length), all+u.gap+u.length
	}
	return longest + sort.Search(all-longest, func(more int) bool {
		c := lineCount{width: longest + more, words: l.LineWords}
		for i := range units {
			c.add(&units[i])
		}
		return c.n <= l.Lines
	})
}

func balanced(units []unit, width, most int) map[int]bool {
	const perLine = 1 << 20 // no other cost makes it worth a line
	full := width
	if full == 0 {
		full = perWord * most
	}
	best := make([]int, len(units)+1)
	from := make([]int, len(units)+1)
	for i := range units {
		length := 0
		for j := i; j < len(units); j++ {
			if length += units[j].length; j > i {
				length += units[j].gap
				if width > 0 && length > width || most > 0 && j-i == most {
					break
				}
			}
			free := max(0, full-length)
			cost := best[i] + units[i].cost + perLine + 300*free*free/(full*full)
			if best[j+1] == 0 || cost < best[j+1] {
				best[j+1], from[j+1] = cost, i
			}
		}
	}
	begins := map[int]bool{}
	for i := len(units); i > 0; i = from[i] {
		begins[from[i]] = true
	}
	return begins
}
