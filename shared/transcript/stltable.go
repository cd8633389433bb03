package transcript

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// stlTable is a character code table of EBU STL.
type stlTable struct {
	number  string // in the head
	to      map[rune]byte
	from    [256]rune        // 0 for none
	joined  map[[2]byte]rune // of an accent and what it stands before
	parted  map[rune][2]byte
	accents map[rune]byte // by combining mark
	marks   map[byte]rune
}

// stlTables are the five of EBU Tech 3264, appendix 2: ISO 6937-2 of 1983, in
// which an accent stands before its letter, and ISO 8859-5 to -8.
var stlTables = sync.OnceValue(func() []*stlTable {
	latin := newSTLTable("00", latin6937)
	// 2/4 is the currency sign in that edition and $ in later ones: who wrote
	// it meant $.
	latin.from[0xa4], latin.to['$'] = '$', 0xa4
	latin.from[0xa8], latin.to['¤'] = '¤', 0xa8
	latin.to['―'], latin.to['Ð'], latin.to['\u2126'] = 0xd0, 0xe2, 0xe0
	for _, accent := range accents6937 {
		latin.marks[accent.code] = accent.mark
		if _, ok := latin.accents[accent.mark]; !ok {
			latin.accents[accent.mark] = accent.code
		}
		pairs := []rune(accent.pairs)
		for i := 0; i < len(pairs); i += 2 {
			pair := [2]byte{accent.code, byte(pairs[i])}
			latin.joined[pair] = pairs[i+1]
			if _, ok := latin.parted[pairs[i+1]]; !ok {
				latin.parted[pairs[i+1]] = pair
			}
		}
	}
	return []*stlTable{latin, newSTLTable("01", cyrillic), newSTLTable("02", arabic), newSTLTable("03", greek), newSTLTable("04", hebrew)}
})

// newSTLTable makes a table of ASCII and the characters from A0 on, of which a
// space is none.
func newSTLTable(number, high string) *stlTable {
	t := &stlTable{number: number, to: map[rune]byte{}, joined: map[[2]byte]rune{}, parted: map[rune][2]byte{}, accents: map[rune]byte{}, marks: map[byte]rune{}}
	for c := byte(' '); c <= '~'; c++ {
		t.from[c], t.to[rune(c)] = rune(c), c
	}
	c := 0xa0
	for _, r := range high {
		if r != ' ' {
			t.from[c], t.to[r] = r, byte(c)
		}
		c++
	}
	return t
}

// accent is the combining mark that a byte stands for, or 0.
func (t *stlTable) accent(c byte) rune { return t.marks[c] }

// encode appends a text, lines apart.
func (t *stlTable) encode(b []byte, s string) []byte {
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf && size < len(s)-i && len(t.accents) > 0 {
			mark, more := utf8.DecodeRuneInString(s[i+size:])
			if accent, ok := t.accents[mark]; ok && r >= ' ' {
				b, size = append(b, accent, byte(r)), size+more
				continue
			}
		}
		b = t.rune(b, r)
	}
	return b
}

func (t *stlTable) rune(b []byte, r rune) []byte {
	if c, ok := t.to[r]; ok {
		return append(b, c)
	}
	if pair, ok := t.parted[r]; ok {
		return append(b, pair[:]...)
	}
	if r == '\n' {
		return append(b, stlBreak)
	}
	near, ok := nearest[r]
	if !ok {
		return append(b, '?')
	}
	for _, n := range near {
		c, ok := t.to[n]
		if !ok {
			c = '?'
		}
		b = append(b, c)
	}
	return b
}

// decode reads a text. Teletext's control codes count as a space, the others
// as nothing.
func (t *stlTable) decode(text []byte) string {
	var b strings.Builder
	space := true
	for i := 0; i < len(text); i++ {
		r := t.from[text[i]]
		switch c := text[i]; {
		case c == stlBreak:
			r = '\n'
		case c < ' ' && !space:
			r = ' '
		case c < ' ' || c >= 0x7f && c < 0xa0:
			continue
		case t.marks[c] != 0 && i+1 < len(text) && t.from[text[i+1]] != 0:
			i++
			joined, ok := t.joined[[2]byte{c, text[i]}]
			if r = joined; !ok {
				b.WriteRune(t.from[text[i]])
				r = t.marks[c]
			}
		case r == 0:
			r = utf8.RuneError
		}
		space = r == ' ' || r == '\n'
		b.WriteRune(r)
	}
	return b.String()
}

// fewestLacking is the table that a transcript is best written with.
func fewestLacking(t Transcript) int {
	lacking := make([]int, len(stlTables()))
	count := func(s string) {
		for _, r := range s {
			if r < utf8.RuneSelf {
				continue // which all have
			}
			for i, table := range stlTables() {
				_, whole := table.to[r]
				_, parted := table.parted[r]
				if _, accent := table.accents[r]; !whole && !parted && !accent {
					lacking[i]++
				}
			}
		}
	}
	for i := range t.Segments {
		count(t.Segments[i].Speaker)
		for j := range t.Segments[i].Words {
			count(t.Segments[i].Words[j].Text)
		}
	}
	best := 0
	for i, n := range lacking {
		if n < lacking[best] {
			best = i
		}
	}
	return best
}

const (
	latin6937 = "\u00a0¡¢£ ¥ §¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿                —¹®©™♪¬¦    ⅛⅜⅝⅞ΩÆĐªĦ ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u00ad"
	cyrillic  = "\u00a0ЁЂЃЄЅІЇЈЉЊЋЌ\u00adЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§ўџ"
	arabic    = "\u00a0   ¤       ،\u00ad             ؛   ؟ ءآأؤإئابةتثجحخدذرزسشصضطظعغ     ـفقكلمنهوىي\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
	greek     = "\u00a0‘’£  ¦§¨© «¬\u00ad ―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ"
	hebrew    = "\u00a0 ¢£¤¥¦§¨©×«¬\u00ad®¯°±²³´µ¶·¸¹÷»¼½¾                                ‗אבגדהוזחטיךכלםמןנסעףפץצקרשת"

	cp850 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0"
)

// accents6937 are the accents of ISO 6937 and, in turn, each character they
// may stand before and what both make.
var accents6937 = []struct {
	code  byte
	mark  rune
	pairs string
}{
	{0xc1, '\u0300', "AÀEÈIÌOÒUÙaàeèiìoòuù"},
	{0xcb, '\u0327', " ¸CÇGĢKĶLĻNŅRŖSŞTŢcçgģkķlļnņrŗsştţ"}, // before 0xc2: readers that compose take that before g for another letter
	{0xc2, '\u0301', " ´AÁCĆEÉIÍLĹNŃOÓRŔSŚUÚYÝZŹaácćeégģiílĺnńoórŕsśuúyýzź"},
	{0xc3, '\u0302', "AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷ"},
	{0xc4, '\u0303', "AÃIĨNÑOÕUŨaãiĩnñoõuũ"},
	{0xc5, '\u0304', " ¯AĀEĒIĪOŌUŪaāeēiīoōuū"},
	{0xc6, '\u0306', " ˘AĂGĞUŬaăgğuŭ"},
	{0xc7, '\u0307', " ˙CĊEĖGĠIİZŻcċeėgġzż"},
	{0xc8, '\u0308', " ¨AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ"},
	{0xc9, '\u0308', "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ"}, // the umlaut, apart in old files
	{0xca, '\u030a', " ˚AÅUŮaåuů"},
	{0xcd, '\u030b', " ˝OŐUŰoőuű"},
	{0xce, '\u0328', " ˛AĄEĘIĮUŲaąeęiįuų"},
	{0xcf, '\u030c', " ˇCČDĎEĚLĽNŇRŘSŠTŤZŽcčdďeělľnňrřsštťzž"},
}

// nearest is what stands for characters that a table lacks: typographic ones,
// digits and letters of Arabic and Persian, and marks that are not seen.
var nearest = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '–': "-", '—': "-", '―': "-", '‐': "-", '‑': "-", '−': "-", '…': "...", '•': "·",
	'€': "EUR", '\t': " ", '\u00a0': " ", '\u202f': " ", '\u2007': " ", '\u2009': " ", '\u3000': " ", 'Ș': "Ş", 'ș': "ş", 'Ț': "Ţ", 'ț': "ţ",
	'٠': "0", '١': "1", '٢': "2", '٣': "3", '٤': "4", '٥': "5", '٦': "6", '٧': "7", '٨': "8", '٩': "9", 'ک': "ك", 'ی': "ي",
	'۰': "0", '۱': "1", '۲': "2", '۳': "3", '۴': "4", '۵': "5", '۶': "6", '۷': "7", '۸': "8", '۹': "9", '٪': "%", '٫': ",", '٬': ",",
	'\u200b': "", '\u200c': "", '\u200d': "", '\u200e': "", '\u200f': "", '\u202a': "", '\u202b': "", '\u202c': "", '\u2066': "", '\u2067': "", '\u2068': "", '\u2069': "", '\ufe0f': "", '\ufeff': "",
}

// stlLanguages are the codes of EBU Tech 3264, appendix 3, by BCP 47.
const stlLanguages = " sq:01 br:02 ca:03 hr:04 cy:05 cs:06 da:07 de:08 en:09 es:0A eo:0B et:0C eu:0D fo:0E fr:0F fy:10 ga:11 gd:12 gl:13 is:14 it:15 se:16 la:17 lv:18 lb:19 lt:1A hu:1B mt:1C nl:1D no:1E nb:1E nn:1E oc:1F pl:20 pt:21 ro:22 rm:23 sr:24 sk:25 sl:26 fi:27 sv:28 tr:29 wa:2B" +
	" am:7F ar:7E hy:7D as:7C az:7B bm:7A be:79 bn:78 bg:77 my:76 zh:75 cv:74 prs:73 ff:72 ka:71 el:70 gu:6F gn:6E ha:6D he:6C hi:6B id:6A ja:69 kn:68 kk:67 km:66 ko:65 lo:64 mk:63 mg:62 ms:61 mo:60 mr:5F nd:5E ne:5D or:5C pap:5B fa:5A pa:59 ps:58 qu:57 ru:56 sh:54 sn:53 si:52 so:51 srn:50 sw:4F tg:4E ta:4D tt:4C te:4B th:4A uk:49 ur:48 uz:47 vi:46 zu:45 "

// stlLanguage is a language's code, 00 for one that has none.
func stlLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	if i := strings.Index(stlLanguages, " "+tag+":"); tag != "" && i >= 0 {
		return stlLanguages[i+len(tag)+2:][:2]
	}
	return "00"
}
