package store

import (
	"context"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/table"
)

// toldTo writes what the engine of a recording's run is told.
func toldTo(u *table.Update, r recording.Recording) {
	u.Set["language"], u.Set["multi"] = r.Language, r.Multichannel
	for name, value := range map[string]string{
		"keywords": strings.Join(r.Keywords, "\n"), "speakers": strings.Join(r.Speakers, "\n"), "script": r.Script, "callback": r.Callback,
		"replaces": r.Replaces,
	} {
		assign(u, name, value != "", value)
	}
}

// FinishRun implements recording.Store.
func (s Recordings) FinishRun(ctx context.Context, r recording.Recording, was, d recording.Document, jobs ...job.Job) error {
	whole := table.Update{
		Key: recordingKey(r.Organization, r.ID), Set: table.Item{"status": string(recording.Completed), "updated": millis(d.ModifiedAt)},
		If: table.And(staying(), same("run", r.Run), table.Equal("status", string(r.Status))),
	}
	assign(&whole, "reason", r.Reason != "", r.Reason)
	part := fresh(documentItem(d))
	if was.ID == "" {
		whole.Add, whole.If = map[string]int64{"documents": 1}, table.And(whole.If, below("documents", recording.MaxDocuments))
	} else {
		part = table.Op{Update: &table.Update{
			Key: documentKey(d.Organization, d.Recording, d.ID), Set: documentFields(d),
			If: table.And(staying(), table.Equal("version", was.Version)),
		}}
	}
	err := commit(ctx, s.Table, d.Content, append([]table.Op{{Update: &whole}, part}, jobOps(s.Now(), jobs...)...)...)
	refused := table.Refused(err)
	switch {
	case refused == nil:
		return err
	case !refused.Reasons[0].Failed:
		return refusedPart(refused.Reasons[1].Item, errDocument(), fault.New(fault.Stale, "the document was changed meanwhile"))
	case was.ID == "" && refused.Reasons[0].Item.Int("documents") >= recording.MaxDocuments:
		return refusedPart(refused.Reasons[0].Item, errRecording(), errDocuments())
	}
	return refusedPart(refused.Reasons[0].Item, errRecording(), fault.New(fault.Stale, "the run is over"))
}
