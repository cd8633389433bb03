// Package latchkey is our own API, under /api/v1: uploads, links of every
// kind, the audit trail, API keys, webhooks, jobs and the organization itself,
// in JSON. It refuses to be clever about bad input: an unknown field or parameter
// is an error that names it, so that a typing error never passes as a default.
//
// Failures are problem details (RFC 9457), see Face. Lists come in pages with
// a cursor, see page. Every POST takes an Idempotency-Key, see dialect.Once. What
// each endpoint takes and answers is in openapi.yaml, and the tests hold
// every answer against it.
package latchkey

import (
	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/file"
	"latchkey/shared/job"
	"latchkey/shared/share"
	"latchkey/shared/webhook"
)

// API is the dialect over the domain.
type API struct {
	Accounts *account.Service
	Files    *file.Service
	Links    *share.Service
	Webhooks *webhook.Service
	Jobs     *job.Service
	Origin   string // of public URLs, as dialect.Origin takes it
}

// Routes are all of them; the control function.
func (a API) Routes() []dialect.Route {
	keys := a.Accounts
	return []dialect.Route{
		{Pattern: "POST /api/v1/files", Handler: dialect.CallAs(keys, readNewFile, a.createFile, a.writeUpload(201))},
		{Pattern: "GET /api/v1/files", Handler: dialect.CallAs(keys, readPage, a.listFiles, writeFiles)},
		{Pattern: "GET /api/v1/files/{id}", Handler: dialect.CallAs(keys, readID, a.Files.Get, writeFile)},
		{Pattern: "DELETE /api/v1/files/{id}", Handler: dialect.CallAs(keys, readID, a.deleteFile, writeNothing)},
		{Pattern: "GET /api/v1/files/{id}/parts", Handler: dialect.CallAs(keys, readAfter, a.parts, a.writeUpload(200))},
		{Pattern: "POST /api/v1/files/{id}/complete", Handler: dialect.CallAs(keys, readComplete, a.complete, writeFile)},

		{Pattern: "POST /api/v1/links", Handler: dialect.CallAs(keys, readNewLinks, a.createLinks, a.writeNewLinks)},
		{Pattern: "GET /api/v1/links", Handler: dialect.CallAs(keys, readLinkQuery, a.listLinks, a.writeLinks)},
		{Pattern: "GET /api/v1/links/{id}", Handler: dialect.CallAs(keys, readID, a.link, a.writeLink)},
		{Pattern: "PATCH /api/v1/links/{id}", Handler: dialect.CallAs(keys, readPatch, a.changeLink, a.writeLink)},
		{Pattern: "DELETE /api/v1/links/{id}", Handler: dialect.CallAs(keys, readID, a.revokeLink, a.writeRevoked)},

		{Pattern: "GET /api/v1/links/{id}/events", Handler: dialect.CallAs(keys, readEventQuery, a.events, writeEvents)},
		{Pattern: "GET /api/v1/events", Handler: dialect.CallAs(keys, readEventQuery, a.events, writeEvents)},

		{Pattern: "POST /api/v1/keys", Handler: dialect.CallAs(keys, readNewKey, a.createKey, writeNewKey)},
		{Pattern: "GET /api/v1/keys", Handler: dialect.CallAs(keys, readNoQuery, a.listKeys, writeKeys)},
		{Pattern: "DELETE /api/v1/keys/{id}", Handler: dialect.CallAs(keys, readKeyID, a.Accounts.DeleteKey, writeDeletedKey)},

		{Pattern: "POST /api/v1/webhooks", Handler: dialect.CallAs(keys, readNewWebhook, a.createWebhook, a.writeMadeWebhook(201))},
		{Pattern: "GET /api/v1/webhooks", Handler: dialect.CallAs(keys, readNoQuery, a.listWebhooks, a.writeWebhooks)},
		{Pattern: "GET /api/v1/webhooks/{id}", Handler: dialect.CallAs(keys, readID, a.Webhooks.Get, a.writeWebhook)},
		{Pattern: "PATCH /api/v1/webhooks/{id}", Handler: dialect.CallAs(keys, readWebhookChange, a.changeWebhook, a.writeWebhook)},
		{Pattern: "DELETE /api/v1/webhooks/{id}", Handler: dialect.CallAs(keys, readID, a.deleteWebhook, writeNothing)},
		{Pattern: "POST /api/v1/webhooks/{id}/test", Handler: dialect.CallAs(keys, readWebhookPost, a.testWebhook, writeDelivery)},
		{Pattern: "POST /api/v1/webhooks/{id}/rotate", Handler: dialect.CallAs(keys, readWebhookPost, a.rotateWebhook, a.writeMadeWebhook(200))},
		{Pattern: "GET /api/v1/webhooks/{id}/deliveries", Handler: dialect.CallAs(keys, readDeliveries, a.deliveries, writeDeliveries)},
		{Pattern: "POST /api/v1/webhooks/{id}/deliveries/{delivery}/replay", Handler: dialect.CallAs(keys, readWebhookPost, a.replayDelivery, writeDelivery)},

		{Pattern: "GET /api/v1/jobs", Handler: dialect.CallAs(keys, readJobs, a.jobs, writeJobs)},
		{Pattern: "GET /api/v1/jobs/{id}", Handler: dialect.CallAs(keys, readID, a.Jobs.Get, writeJob)},
		{Pattern: "POST /api/v1/jobs/{id}/cancel", Handler: dialect.CallAs(keys, readCancel, a.cancelJob, writeJob)},

		{Pattern: "GET /api/v1/organization", Handler: dialect.CallAs(keys, readNoQuery, a.organization, writeOrganization)},
		{Pattern: "PATCH /api/v1/organization", Handler: dialect.CallAs(keys, readOrganizationChange, keys.ChangeOrganization, writeOrganization)},
	}
}
