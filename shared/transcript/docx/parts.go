package docx

import "latchkey/shared/transcript"

// The parts of a document that do not depend on the transcript, or hardly.
const (
	header    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	office    = "http://schemas.openxmlformats.org/"
	namespace = `xmlns:w="` + office + `wordprocessingml/2006/main" xmlns:r="` + office + `officeDocument/2006/relationships"`
	word      = "application/vnd.openxmlformats-officedocument.wordprocessingml."

	contentTypes = header + `<Types xmlns="` + office + `package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="` + word + `document.main+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="` + word + `styles+xml"/>` +
		`<Override PartName="/word/settings.xml" ContentType="` + word + `settings+xml"/>` +
		`<Override PartName="/word/footer.xml" ContentType="` + word + `footer+xml"/></Types>`

	relationships = header + `<Relationships xmlns="` + office + `package/2006/relationships">`

	relations = relationships +
		`<Relationship Id="document" Type="` + office + `officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="core" Type="` + office + `package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

	documentRelations = relationships +
		`<Relationship Id="styles" Type="` + office + `officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`<Relationship Id="settings" Type="` + office + `officeDocument/2006/relationships/settings" Target="settings.xml"/>` +
		`<Relationship Id="footer" Type="` + office + `officeDocument/2006/relationships/footer" Target="footer.xml"/></Relationships>`

	// Without a mode of compatibility Word takes the document for one of 2007.
	settings = header + `<w:settings ` + namespace + `><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`

	footer = header + `<w:ftr ` + namespace + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>`

	fonts = `<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Yu Gothic" w:cs="Arial"/>`

	styleParts = `<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
		`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="Segment"/><w:qFormat/>` +
		`<w:pPr><w:keepNext/><w:spacing w:after="320"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="36"/><w:szCs w:val="36"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:customStyle="1" w:styleId="Segment"><w:name w:val="Segment"/><w:basedOn w:val="Normal"/><w:qFormat/>` +
		`<w:pPr><w:spacing w:after="160" w:line="276" w:lineRule="auto"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Footer"><w:name w:val="footer"/><w:basedOn w:val="Normal"/><w:pPr><w:jc w:val="center"/></w:pPr>` +
		`<w:rPr><w:color w:val="595959"/><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>` +
		`<w:style w:type="character" w:customStyle="1" w:styleId="Speaker"><w:name w:val="Speaker"/><w:qFormat/><w:rPr><w:b/><w:bCs/></w:rPr></w:style>` +
		`<w:style w:type="character" w:customStyle="1" w:styleId="Time"><w:name w:val="Time"/><w:qFormat/><w:rPr><w:color w:val="595959"/></w:rPr></w:style>`
)

func text(s string) func(*body) { return func(b *body) { b.add(s) } }

func (b *body) core(o transcript.Options) {
	b.add(header, `<cp:coreProperties xmlns:cp="`, office, `package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">`)
	for _, p := range []struct{ name, value string }{{"title", o.Title}, {"language", o.Language}} {
		if p.value != "" {
			b.add("<dc:", p.name, ">")
			b.escaped(p.value)
			b.add("</dc:", p.name, ">")
		}
	}
	b.add("</cp:coreProperties>")
}

// styles has the language for every kind of script, so that a program checks
// the spelling of each by it.
func (b *body) styles(language string) {
	b.add(header, `<w:styles `, namespace, `><w:docDefaults><w:rPrDefault><w:rPr>`, fonts, `<w:sz w:val="22"/><w:szCs w:val="22"/>`)
	if language != "" {
		b.add("<w:lang")
		for _, script := range []string{"val", "eastAsia", "bidi"} {
			b.add(" w:", script, `="`)
			b.escaped(language)
			b.add(`"`)
		}
		b.add("/>")
	}
	b.add(`</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>`, styleParts, "</w:styles>")
}
