package wording

import (
	"path"
	"strings"
)

// kinds is what people call a media type. A group ends in a slash.
var kinds = map[string]string{
	"application/pdf":    "PDF document",
	"application/msword": "Word document",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
	"application/vnd.oasis.opendocument.text":                                 "Text document",
	"application/rtf":          "Text document",
	"application/vnd.ms-excel": "Excel spreadsheet",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "Excel spreadsheet",
	"application/vnd.oasis.opendocument.spreadsheet":                            "Spreadsheet",
	"application/vnd.ms-powerpoint":                                             "PowerPoint presentation",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint presentation",
	"application/vnd.oasis.opendocument.presentation":                           "Presentation",
	"application/zip":              "ZIP archive",
	"application/x-zip-compressed": "ZIP archive",
	"application/gzip":             "Archive",
	"application/x-tar":            "Archive",
	"application/x-7z-compressed":  "Archive",
	"application/json":             "JSON data",
	"application/xml":              "XML data",
	"application/x-subrip":         "Subtitles",
	"text/vtt":                     "Subtitles",
	"text/csv":                     "CSV table",
	"text/html":                    "Web page",
	"text/xml":                     "XML data",
	"image/svg+xml":                "SVG drawing",
	"audio/":                       "Audio",
	"image/":                       "Image",
	"text/":                        "Text file",
	"video/":                       "Video",
	"font/":                        "Font",
}

// Kind is a media type in words, with the extension of the name where that
// says more: "PDF document", "Video (MP4)", "File (BIN)".
func Kind(contentType, name string) string {
	mt, _, _ := strings.Cut(contentType, ";")
	mt = strings.ToLower(strings.TrimSpace(mt))
	if k, ok := kinds[mt]; ok && !strings.HasSuffix(mt, "/") {
		return k
	}
	group, _, _ := strings.Cut(mt, "/")
	k, ok := kinds[group+"/"]
	if !ok {
		k = "File"
	}
	if ext := extension(name); ext != "" {
		k += " (" + ext + ")"
	}
	return k
}

// extension is a name's extension in capitals if it looks like one: up to 5
// ASCII letters and digits.
func extension(name string) string {
	ext := strings.ToUpper(strings.TrimPrefix(path.Ext(name), "."))
	plain := strings.Trim(ext, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	if !plain || len(ext) > 5 {
		return ""
	}
	return ext
}
