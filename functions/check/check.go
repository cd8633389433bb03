package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/journal"
	"latchkey/shared/share"
)

// checks are what a version must do, by its function's folder.
var checks = map[string]func(context.Context, version, *trial) error{
	"open": opens, "pages": shows, "links": makes, "sessions": meets, "media": plays, "fileshares": hands, "control": lists,
	"events": records, "jobs": works, "hooks": works, "feedback": hears, "sweep": sweeps,
}

// ask calls the version, which must answer with a status.
func ask(ctx context.Context, v version, t *trial, what string, r request, want int) (events.APIGatewayV2HTTPResponse, error) {
	res, err := v.call(ctx, t, r)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("it answers %d, want %d", res.StatusCode, want)
	}
	if err != nil {
		return res, fmt.Errorf("%s: %w", what, err)
	}
	return res, nil
}

// header is one of a response. Names come as the function wrote them.
func header(res events.APIGatewayV2HTTPResponse, name string) string {
	for n, value := range res.Headers {
		if strings.EqualFold(n, name) {
			return value
		}
	}
	return ""
}

// opens: a link that allows one download leads to the file, once.
func opens(ctx context.Context, v version, t *trial) error {
	follow := request{method: http.MethodGet, path: "/api/v2/shareable_links/" + t.token}
	res, err := ask(ctx, v, t, "follow the link", follow, http.StatusFound)
	if err != nil {
		return err
	}
	if err := t.download(ctx, header(res, "Location")); err != nil {
		return err
	}
	_, err = ask(ctx, v, t, "follow it again", follow, http.StatusNotFound)
	return err
}

var attempt = regexp.MustCompile(`name="attempt" value="([^"]*)"`)

// shows: the link's page has a button, and the button leads to the file, once.
func shows(ctx context.Context, v version, t *trial) error {
	page := request{method: http.MethodGet, path: share.PagePath(t.token)}
	res, err := ask(ctx, v, t, "look at the page", page, http.StatusOK)
	if err != nil {
		return err
	}
	m := attempt.FindStringSubmatch(res.Body)
	if m == nil || !strings.Contains(res.Body, "<button>") {
		return fmt.Errorf("look at the page: it has no button")
	}
	press := request{
		method: http.MethodPost, path: page.path,
		body: url.Values{"attempt": {m[1]}}.Encode(), kind: "application/x-www-form-urlencoded",
	}
	if res, err = ask(ctx, v, t, "press the button", press, http.StatusSeeOther); err != nil {
		return err
	}
	if err := t.download(ctx, header(res, "Location")); err != nil {
		return err
	}
	_, err = ask(ctx, v, t, "look again", page, http.StatusGone)
	return err
}

// makes: a key is asked for and known. No link is made: what a version makes
// would not pass away by itself.
func makes(ctx context.Context, v version, t *trial) error {
	r := request{
		method: http.MethodPost, path: "/api/v2/shareable_links", kind: "application/json",
		body: fmt.Sprintf(`{"expiry_date":%q,"limit":1,"payload":{"media_id":%d,"filename":"check.txt"}}`,
			t.share.ExpiresAt.UTC().Format("2006-01-02T15:04:05Z"), t.file.MediaID+1),
	}
	if _, err := ask(ctx, v, t, "make a link without a key", r, http.StatusUnauthorized); err != nil {
		return err
	}
	r.key = t.key
	res, err := ask(ctx, v, t, "make a link to a file that there is not", r, http.StatusBadRequest)
	if err == nil && !strings.Contains(res.Body, "media not found") {
		err = fmt.Errorf("make a link to a file that there is not: it does not say so")
	}
	return err
}

// plays: a key is asked for and known, and its organization has no media.
func plays(ctx context.Context, v version, t *trial) error {
	r := request{method: http.MethodGet, path: "/v1/media"}
	if _, err := ask(ctx, v, t, "list media without a key", r, http.StatusUnauthorized); err != nil {
		return err
	}
	r.key = t.key
	res, err := ask(ctx, v, t, "list media", r, http.StatusOK)
	if err == nil && !strings.Contains(res.Body, `"media":[]`) {
		err = fmt.Errorf("list media: a new organization has some")
	}
	if err != nil {
		return err
	}
	r.path += "/" + t.ids.Chars(8)
	_, err = ask(ctx, v, t, "read media that there is not", r, http.StatusNotFound)
	return err
}

// hands: a key is asked for and known, its organization has shared nothing, and
// nobody knows of a recipient whom there is not.
func hands(ctx context.Context, v version, t *trial) error {
	r := request{method: http.MethodGet, path: "/api/storage/v1/shares"}
	if _, err := ask(ctx, v, t, "list shares without a key", r, http.StatusUnauthorized); err != nil {
		return err
	}
	r.key = t.key
	res, err := ask(ctx, v, t, "list shares", r, http.StatusOK)
	if err == nil && !strings.Contains(res.Body, `"items":[]`) {
		err = fmt.Errorf("list shares: a new organization has some")
	}
	if err != nil {
		return err
	}
	_, err = ask(ctx, v, t, "read the state of nobody", request{method: http.MethodGet, path: "/v1/shares/state/" + t.ids.UUID()}, http.StatusNotFound)
	return err
}

// meets: a key is asked for and known, and its organization has no sessions. None
// is made: what a version makes would not pass away by itself.
func meets(ctx context.Context, v version, t *trial) error {
	r := request{method: http.MethodGet, path: "/api/v3/speech-to-text/session"}
	if _, err := ask(ctx, v, t, "list sessions without a key", r, http.StatusUnauthorized); err != nil {
		return err
	}
	r.key = t.key
	res, err := ask(ctx, v, t, "list sessions", r, http.StatusOK)
	if err == nil && !strings.Contains(res.Body, `"total_results":0`) {
		err = fmt.Errorf("list sessions: a new organization has some")
	}
	if err != nil {
		return err
	}
	r.path += "/sess_" + t.ids.Chars(8)
	_, err = ask(ctx, v, t, "read a session that there is not", r, http.StatusNotFound)
	return err
}

// lists: a key is asked for, and its organization's files are listed.
func lists(ctx context.Context, v version, t *trial) error {
	r := request{method: http.MethodGet, path: "/api/v1/files"}
	if _, err := ask(ctx, v, t, "list files without a key", r, http.StatusUnauthorized); err != nil {
		return err
	}
	r.key = t.key
	res, err := ask(ctx, v, t, "list files", r, http.StatusOK)
	if err == nil && !strings.Contains(res.Body, t.file.ID) {
		err = fmt.Errorf("list files: the file is not among them")
	}
	return err
}

// records: a line of the log becomes one of the trail.
func records(ctx context.Context, v version, t *trial) error {
	e := share.Event{
		ID: t.ids.UUID(), Organization: t.who.Organization, Share: t.share.ID, File: t.file.ID, Type: share.Opened, At: t.share.CreatedAt,
	}
	lines, err := logLines(ctx, e)
	if err != nil {
		return err
	}
	if _, err := v.invoke(ctx, lines); err != nil {
		return err
	}
	trail, _, err := t.trail.Events(ctx, e.Organization, e.Share, file.Page{Limit: 100})
	if err != nil {
		return fmt.Errorf("read the trail: %w", err)
	}
	if !slices.ContainsFunc(trail, func(found share.Event) bool { return found.ID == e.ID }) {
		return fmt.Errorf("a line of the log is not in the trail")
	}
	return t.trail.AddEvents(ctx, []share.Event{e}) // the same again, so that it is taken away
}

// logLines is a log subscription's delivery of one line that tells an event
// (CloudWatch Logs User Guide, "Subscription filters with AWS Lambda").
func logLines(ctx context.Context, e share.Event) (events.CloudwatchLogsEvent, error) {
	var line, packed bytes.Buffer
	journal.Auditor{Log: journal.New(&line, "")}.Record(ctx, e)
	z := gzip.NewWriter(&packed)
	err := json.NewEncoder(z).Encode(events.CloudwatchLogsData{
		MessageType: "DATA_MESSAGE", LogEvents: []events.CloudwatchLogsLogEvent{{ID: e.ID, Timestamp: e.At.UnixMilli(), Message: line.String()}},
	})
	if err == nil {
		err = z.Close()
	}
	return events.CloudwatchLogsEvent{AWSLogs: events.CloudwatchLogsRawData{Data: base64.StdEncoding.EncodeToString(packed.Bytes())}}, err
}

// works: a message of a job that there is not is passed over.
func works(ctx context.Context, v version, t *trial) error {
	body, err := json.Marshal(job.Message{ID: "check-" + t.ids.Chars(8)})
	if err != nil {
		return err
	}
	out, err := v.invoke(ctx, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "check", EventSource: "aws:sqs", Body: string(body)}}})
	if err != nil {
		return err
	}
	var answer events.SQSEventResponse
	if err := json.Unmarshal(out, &answer); err != nil || len(answer.BatchItemFailures) > 0 {
		return fmt.Errorf("a message of no job: it answers %s", out)
	}
	return nil
}

// hears: what SES says of a mail that there never was is passed over.
func hears(ctx context.Context, v version, t *trial) error {
	_, err := v.invoke(ctx, map[string]any{"detail": map[string]any{
		"eventType": "Delivery",
		"mail": map[string]any{
			"messageId": "check", "tags": map[string]any{"organization": []string{t.who.Organization}, "mailing": []string{t.ids.UUID()}},
		},
		"delivery": map[string]any{"recipients": []string{"nobody@trial.invalid"}, "timestamp": t.share.CreatedAt},
	}})
	return err
}

// sweeps: it looks for mail that was due long ago, which there is none of.
func sweeps(ctx context.Context, v version, _ *trial) error {
	_, err := v.invoke(ctx, map[string]string{"time": "1970-01-01T00:00:00Z"})
	return err
}
