package letter

import "strings"

// Styles are written at each element: several mail programs drop a style
// element. The colours are legible on light and dark grounds alike, because
// some programs turn one into the other and some only half.
const (
	font   = "font-family:Helvetica,Arial,sans-serif;"
	normal = font + "font-size:16px;line-height:24px;color:#1b1f1d;"
	small  = font + "font-size:13px;line-height:19px;color:#56605b;"
)

// head ends inside the one column that all is in. Tables lay it out, as the
// program that is most behind renders with a word processor; the style
// element is for those that follow the reader's dark mode.
const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>`

const body = `</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
.page { background-color: #121614 !important }
.card { background-color: #1c2220 !important; border-color: #38413d !important }
.ink { color: #eceeea !important }
.soft { color: #a5b0aa !important }
.rule { border-color: #7fd6bd !important }
.key { background-color: #7fd6bd !important }
.on-key { color: #08241c !important }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f3f4f1;">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f3f4f1" style="background-color:#f3f4f1;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;">
`

const foot = `</table>
</td></tr>
</table>
</body>
</html>
`

func (w words) html() string {
	var b strings.Builder
	b.WriteString(head + escaped(w.subject) + body)
	b.WriteString(row("0 0 16px", title(`<bdi>`+escaped(w.from)+"</bdi> "+w.did)))
	if w.message != "" {
		b.WriteString(row("0 0 20px", `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>`+
			`<td class="ink rule" dir="auto" style="padding:2px 0 2px 14px;border-left:3px solid #0b5d4a;`+normal+`word-break:break-word;">`+lines(w.message)+`</td></tr></table>`))
	}
	b.WriteString(w.htmlLinks())
	end := escaped(w.reason + " " + w.own)
	if w.reply != "" {
		end += "<br>\n" + escaped(w.reply)
	}
	b.WriteString(row("12px 0 0", `<p class="soft" style="margin:0;`+small+`word-break:break-word;">`+end+`</p>`))
	b.WriteString(foot)
	return b.String()
}

// maxCards is up to how many links have a card each. More are a list, so that
// the mail stays below what programs show of one (Gmail: 102 kB).
const maxCards = 20

func (w words) htmlLinks() string {
	var b strings.Builder
	if len(w.links) <= maxCards {
		for _, k := range w.links {
			b.WriteString(row("0 0 12px", k.card(w.button)))
		}
		return b.String()
	}
	b.WriteString(`<tr><td class="ink" style="` + normal + `word-break:break-word;">` + "\n")
	for _, k := range w.links {
		b.WriteString(`<p><a class="ink" href="` + escaped(k.url) + `"><bdi>` + escaped(k.name) + `</bdi></a><br>` + escaped(k.terms) + "</p>\n")
	}
	b.WriteString("</td></tr>\n")
	return b.String()
}

func title(content string) string {
	return `<h1 class="ink" style="margin:0;` + font + `font-size:22px;line-height:28px;font-weight:bold;color:#1b1f1d;word-break:break-word;">` + content + `</h1>`
}

func row(padding, content string) string {
	return `<tr><td style="padding:` + padding + `;">` + content + "</td></tr>\n"
}

// card is a table with the file's name, its terms and a button that is a
// link: the button that spends is on the page it opens.
func (k link) card(button string) string {
	s := `<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="background-color:#ffffff;border:1px solid #d9ddd6;border-radius:10px;">
<tr><td style="padding:18px 18px 0;"><p class="ink" style="margin:0;` + normal + `font-weight:bold;word-break:break-word;"><bdi>` + escaped(k.name) + `</bdi></p></td></tr>
`
	if k.terms != "" {
		s += `<tr><td style="padding:2px 18px 0;"><p class="soft" style="margin:0;` + font + `font-size:14px;line-height:21px;color:#56605b;">` + escaped(k.terms) + `</p></td></tr>
`
	}
	return s + `<tr><td style="padding:14px 18px 18px;"><table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>
<td class="key" bgcolor="#0b5d4a" style="background-color:#0b5d4a;border-radius:6px;"><a class="on-key" href="` + escaped(k.url) + `" style="display:inline-block;padding:12px 22px;` + font + `font-size:16px;line-height:20px;font-weight:bold;color:#ffffff;text-decoration:none;">` + button + `</a></td>
</tr></table></td></tr>
</table>`
}
