package ffmpeg

import (
	"os"
	"path/filepath"
	"strings"
)

// stand are the fonts that stand in for those of recording.Fonts that Debian
// does not have, best first. Those for Arial, Times New Roman and Courier New
// have the same metrics, as has P052 for Palatino; DejaVu Sans descends from
// what Verdana and Lucida Grande resemble. The others are look-alikes. One that
// is installed itself is taken.
var stand = []struct {
	name string
	by   []string
}{
	{"Arial", []string{"Liberation Sans", "Nimbus Sans"}},
	{"Arial Black", []string{"Lato Black", "Open Sans Extrabold"}},
	{"Comic Sans MS", []string{"Comic Neue"}},
	{"Courier New", []string{"Liberation Mono", "Nimbus Mono PS"}},
	{"Georgia", []string{"Gelasio", "C059", "DejaVu Serif"}},
	{"Impact", []string{"Anton", "Open Sans Condensed", "Liberation Sans Narrow"}},
	{"Lucida Grande", []string{"DejaVu Sans"}},
	{"Palatino", []string{"Palatino Linotype", "P052"}},
	{"Segoe UI", []string{"Open Sans"}},
	{"Tahoma", []string{"DejaVu Sans Condensed", "DejaVu Sans"}},
	{"Times New Roman", []string{"Liberation Serif", "Nimbus Roman"}},
	{"Tiresias Infofont", nil},
	{"Trebuchet MS", []string{"Lato"}},
	{"Verdana", []string{"DejaVu Sans"}},
}

// others have the letters and signs that a font lacks.
var others = []string{"DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Droid Sans Fallback", "Symbola"}

// fontFolders are where fonts are, on Linux and on macOS.
var fontFolders = []string{"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"}

// writeFonts writes fontconfig's configuration into a folder and returns the
// file. The machine's own is not asked: by it Impact may become dingbats.
func writeFonts(folder string) (string, error) {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>` + "\n")
	for _, dir := range fontFolders {
		b.WriteString("<dir>" + dir + "</dir>\n")
	}
	b.WriteString("<cachedir>/var/cache/fontconfig</cachedir><cachedir>" + filepath.Join(folder, "fontconfig") + "</cachedir>\n")
	// Type 1 fonts lack most alphabets.
	b.WriteString("<selectfont><rejectfont><glob>*.pfb</glob></rejectfont></selectfont>\n")
	families := func(names []string) {
		for _, n := range names {
			b.WriteString("<string>" + n + "</string>")
		}
	}
	for _, f := range stand {
		b.WriteString(`<match target="pattern"><test name="family" qual="any"><string>` + f.name + `</string></test><edit name="family" mode="assign" binding="same">`)
		families(append([]string{f.name}, f.by...))
		b.WriteString("</edit></match>\n")
	}
	b.WriteString(`<match target="pattern"><edit name="family" mode="append_last">`)
	families(others)
	b.WriteString("</edit></match></fontconfig>\n")
	file := filepath.Join(folder, "fonts.conf")
	return file, os.WriteFile(file, []byte(b.String()), 0o600)
}
