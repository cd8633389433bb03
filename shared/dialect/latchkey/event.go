package latchkey

import (
	"bytes"
	"context"
	"encoding/csv"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

// eventQuery asks for a page of the audit trail, of one link or of all.
type eventQuery struct {
	link string // id, or ""
	page file.Page
}

func readEventQuery(r *http.Request) (out eventQuery, err error) {
	q, err := query(r, "limit", "cursor", "format")
	if err != nil {
		return out, err
	}
	if _, err := oneOf(q, "format", "json", "csv"); err != nil {
		return out, err
	}
	out.link = r.PathValue("id")
	out.page, err = page(q)
	return out, err
}

func (a API) events(ctx context.Context, who account.Principal, q eventQuery) (paged[share.Event], error) {
	events, next, err := a.Links.Events(ctx, who, q.link, q.page)
	return paged[share.Event]{events, next}, err
}

func writeEvents(r *http.Request, p paged[share.Event]) (res dialect.Response, err error) {
	if wantsCSV(r) {
		res, err = eventsCSV(p.items)
	} else {
		res, err = dialect.JSON(http.StatusOK, struct {
			Events []eventJSON `json:"events"`
			Next   *string     `json:"next_cursor"`
		}{each(p.items, eventOf), dialect.OrNull(p.next)})
	}
	if err != nil {
		return dialect.Response{}, err
	}
	res.Header.Set("Vary", "Accept")
	nextPage(res.Header, r, p.next)
	return res, nil
}

// wantsCSV lets ?format= decide, or else what the Accept header likes better
// of the types it names; wildcards mean JSON.
func wantsCSV(r *http.Request) bool {
	if format := r.URL.Query().Get("format"); format != "" {
		return format == "csv"
	}
	return quality(r, "text/csv") > quality(r, "application/json")
}

// quality returns the weight (RFC 9110, section 12.4.2) that the Accept
// header gives a media type by name, or 0.
func quality(r *http.Request, mediaType string) float64 {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		mt, params, err := mime.ParseMediaType(part)
		if err != nil || mt != mediaType {
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			return q
		}
		return 1
	}
	return 0
}

// eventsCSV is RFC 4180: a header row, CRLF, quotes where needed.
func eventsCSV(events []share.Event) (dialect.Response, error) {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.UseCRLF = true
	rows := [][]string{{"id", "type", "at", "link_id", "via_link_id", "file_id", "by", "from", "agent", "recipient", "reason", "automatic", "document_id"}}
	for _, e := range events {
		row := []string{
			e.ID, string(e.Type), string(*stampOf(e.At)), e.Share, e.Via, e.File, e.By, e.From,
			e.Agent, e.Recipient, e.Reason, strconv.FormatBool(e.Automatic), e.Document,
		}
		for i := range row {
			row[i] = cell(row[i])
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return dialect.Response{}, err
	}
	return dialect.Response{
		Status: http.StatusOK,
		Header: http.Header{
			"Content-Type":        {"text/csv; charset=utf-8; header=present"},
			"Content-Disposition": {`attachment; filename="events.csv"`},
		},
		Body: buf.Bytes(),
	}, nil
}

// cell keeps a spreadsheet from taking what a stranger wrote, such as a user
// agent, for a formula. (OWASP, CSV Injection: these characters at the start.)
func cell(s string) string {
	if strings.HasPrefix(s, "'") || s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
