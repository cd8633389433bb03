package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/shared/share"
	"latchkey/shared/table"
)

// usable mirrors share.Share.State: not revoked, not expired. What is left
// is the caller's, for each way of counting.
func usable(now time.Time) []table.Cond {
	return []table.Cond{
		table.Greater("limit", int64(0)),
		table.Absent("revoked"),
		table.Or(table.Absent("expires"), table.Greater("expires", millis(now))),
	}
}

// Claim implements share.Store.
func (s Shares) Claim(ctx context.Context, ref share.Ref, u share.Use) (share.Share, error) {
	claim := string(u.Claim)
	set := make(table.Item, 6)
	setUse(set, u)
	it, err := update(ctx, s.Table, table.Update{
		Key: shareKey(ref), Set: set, Insert: map[string]table.Set{"claims": {claim}},
		If: table.And(append(usable(u.At),
			table.Equal("count", string(share.CountSet)),
			table.Or(table.Absent("claims"), table.Contains("claims", claim), table.SizeBelowAttr("claims", "limit")),
		)...),
	})
	if r := table.Refused(err); r != nil {
		return share.Share{}, refusal(r.Reasons[0].Item, u.At)
	}
	if err != nil {
		return share.Share{}, err
	}
	return shareOf(it), nil
}

// setUse keeps the last use beside the claim, in the same write: the change
// feed makes the audit trail's event of it.
func setUse(it table.Item, u share.Use) {
	it["useat"], it["usefrom"], it["useagent"] = millis(u.At), u.From, u.Agent
	it["useauto"], it["usevia"], it["usefor"] = u.Automatic, u.Via, u.Recipient
}

func useOf(it table.Item, claim string) share.Use {
	return share.Use{
		Claim: share.Claim(claim), At: timeOf(it, "useat"), From: it.String("usefrom"), Agent: it.String("useagent"),
		Automatic: it.Bool("useauto"), Via: it.String("usevia"), Recipient: it.String("usefor"),
	}
}

// refusal lets the domain say why an item was refused.
func refusal(it table.Item, now time.Time) error {
	if it == nil {
		return errShare()
	}
	sh := shareOf(it)
	return &share.RefusedError{Share: sh, State: sh.State(now)}
}

func claimKey(ref share.Ref, c share.Claim) table.Key {
	return table.Key{PK: shareKey(ref).PK, SK: "claim#" + string(c)}
}

// ClaimItem implements share.Store.
func (s Shares) ClaimItem(ctx context.Context, sh share.Share, u share.Use) (share.Share, error) {
	key := claimKey(sh.Ref, u.Claim)
	claim := item(key.PK, key.SK)
	claim["id"], claim["org"], claim["file"] = sh.ID, sh.Organization, sh.Target.FileID
	setString(claim, "rec", sh.Target.RecordingID)
	// Kept a day longer than it can be repeated: the writer's retries are over.
	claim[table.TTL] = u.At.Add(share.RepeatFor + 24*time.Hour).Unix()
	setUse(claim, u)
	err := commit(ctx, s.Table, string(u.Claim), fresh(claim), table.Op{Update: &table.Update{
		Key: shareKey(sh.Ref), Add: map[string]int64{"used": 1},
		If: table.And(append(usable(u.At),
			table.Equal("count", string(share.CountItems)), table.LessAttr("used", "limit"))...),
	}})
	if r := table.Refused(err); r != nil {
		return share.Share{}, refusal(r.Reasons[1].Item, u.At)
	}
	sh.Used++
	return sh, err
}

// HasClaim implements share.Store.
func (s Shares) HasClaim(ctx context.Context, sh share.Share, c share.Claim) (bool, error) {
	it, err := s.Table.Get(ctx, claimKey(sh.Ref, c), true)
	return it != nil, err
}

// ClaimEvents returns the audit events of the uses that changes of the table
// show. Delivered again they are the same events.
func ClaimEvents(changes []table.Change) []share.Event {
	var events []share.Event
	for _, c := range changes {
		sk := c.New.String(table.SK)
		if !strings.HasPrefix(c.New.String(table.PK), "share#") {
			continue
		}
		if claim, ok := strings.CutPrefix(sk, "claim#"); ok && c.Old == nil {
			events = append(events, share.ClaimEvent(claimed(c.New), useOf(c.New, claim)))
			continue
		}
		for _, claim := range c.New.Strings("claims") {
			if !slices.Contains(c.Old.Strings("claims"), claim) {
				events = append(events, share.ClaimEvent(claimed(c.New), useOf(c.New, claim)))
			}
		}
	}
	return events
}

// claimed is what an event needs of a share, from its item or a claim's.
func claimed(it table.Item) share.Share {
	return share.Share{
		ID: it.String("id"), Organization: it.String("org"), Target: share.Target{FileID: it.String("file"), RecordingID: it.String("rec")},
	}
}

// Change implements share.Store.
func (s Shares) Change(ctx context.Context, was, sh share.Share, e share.Event) error {
	u := table.Update{Key: shareKey(sh.Ref), Set: table.Item{}}
	conds := []table.Cond{table.Exists(table.PK), table.Absent("revoked")}
	if !sh.ExpiresAt.Equal(was.ExpiresAt) {
		assign(&u, "expires", !sh.ExpiresAt.IsZero(), millis(sh.ExpiresAt))
	}
	if sh.Rights != was.Rights {
		assign(&u, "rights", sh.Rights != share.Rights{}, rightsText(sh.Rights))
	}
	if sh.Note != was.Note {
		assign(&u, "note", sh.Note != "", sh.Note)
	}
	if sh.Limit != was.Limit {
		u.Set["limit"] = sh.Limit
	}
	if sh.Counting != was.Counting {
		// The uses so far move into the counter: none may come in between.
		u.Set["count"], u.Set["used"] = string(sh.Counting), was.Used
		conds = append(conds, table.Equal("count", string(was.Counting)), claims(was.Used))
	}
	if !sh.RevokedAt.IsZero() {
		u.Set["revoked"] = millis(sh.RevokedAt)
	}
	if len(u.Set)+len(u.Remove) == 0 {
		return nil // as a repeat is, whose first answer was lost
	}
	u.If = table.And(conds...)
	err := commit(ctx, s.Table, e.ID, append([]table.Op{{Update: &u}}, eventOps(e)...)...)
	if r := table.Refused(err); r != nil {
		return cmp.Or(refusedChange(r), err)
	}
	return err
}

func assign(u *table.Update, name string, present bool, value any) {
	if present {
		u.Set[name] = value
	} else {
		u.Remove = append(u.Remove, name)
	}
}

// claims holds when a share's set has n claims.
func claims(n int64) table.Cond {
	if n == 0 {
		return table.Absent("claims")
	}
	return table.And(table.SizeBelow("claims", n+1), table.Not(table.SizeBelow("claims", n)))
}

func refusedChange(r *table.RefusedError) error {
	if r.Reasons[0].Failed && r.Reasons[0].Item == nil {
		return errShare()
	}
	return errChanged()
}
