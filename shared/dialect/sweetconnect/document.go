package sweetconnect

import (
	"context"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// Files is what this dialect needs of files, its documents.
type Files interface {
	Documents(ctx context.Context, who account.Principal, q file.DocumentQuery) ([]file.File, int, error)
	OfMaintenance(ctx context.Context, who account.Principal, maintenanceID string) ([]file.File, error)
	CreateDocument(ctx context.Context, who account.Principal, n file.New, body []byte) (f file.File, twin bool, err error)
	Link(ctx context.Context, who account.Principal, fileID string, kind file.Kind, entityID string) (file.File, error)
}

var _ Files = (*file.Service)(nil)

func (a API) documentRoutes() []dialect.Route {
	return []dialect.Route{
		{Pattern: "GET /v1/documents", Handler: dialect.CallAs(a.Accounts, readDocuments, a.documents, writeDocuments)},
		{Pattern: "POST /v1/documents/assets/zip/{assetId}", Handler: dialect.CallAs(a.Accounts, readZip, a.upload, writeUploaded)},
		{Pattern: "POST /v1/documents/assets/{fileId}/{assetId}/{assetOrganizationId}", Handler: dialect.CallAs(a.Accounts,
			readLink(file.AssetDocument, "assetId", "assetOrganizationId"), a.link, created)},
		{Pattern: "GET /v1/documents/maintenance/{maintenanceId}", Handler: dialect.CallAs(a.Accounts, readID("maintenanceId", "maintenanceId"), a.ofMaintenance, writeFiles)},
		{Pattern: "POST /v1/documents/maintenance/{maintenanceId}/{fileId}/{maintenanceOrganizationId}", Handler: dialect.CallAs(a.Accounts,
			readLink(file.MaintenanceFile, "maintenanceId", "maintenanceOrganizationId"), a.link, created)},
	}
}

// documentJSON is a document. What is kept elsewhere is null: manufacturers,
// and what an engine made of it.
type documentJSON struct {
	ID               string        `json:"id"`
	Filename         string        `json:"filename"`
	Displayname      string        `json:"displayname"`
	OwnerID          string        `json:"ownerId"`
	OrganizationID   string        `json:"organizationId"`
	ManufacturerID   *string       `json:"manufacturerId"`
	Mimetype         string        `json:"mimetype"`
	Category         *categoryJSON `json:"category"`
	Languages        []string      `json:"languages"`
	UpdatedAt        string        `json:"updatedAt"`
	UpdatedBy        string        `json:"updatedBy"`
	CreatedBy        string        `json:"createdBy"`
	CreatedAt        string        `json:"createdAt"`
	SupplierDocument bool          `json:"supplierDocument"`
	SupplierName     *string       `json:"supplierName"`
	Injected         string        `json:"aiInjected"`
	InjectedAt       *string       `json:"aiInjectedUpdatedAt"`
}

type categoryJSON struct {
	ID           string `json:"id"`
	LanguageCode string `json:"languageCode"`
	Name         string `json:"name"`
}

func documentOf(f file.File) documentJSON {
	j := documentJSON{
		ID: f.ID, Filename: f.Name, Displayname: f.Title(), OwnerID: f.CreatedBy, OrganizationID: f.Organization, Mimetype: f.ContentType,
		Languages: each(f.Languages, func(code string) string { return code }),
		UpdatedAt: stamp(f.UpdatedAt), UpdatedBy: f.UpdatedBy, CreatedBy: f.CreatedBy, CreatedAt: stamp(f.CreatedAt),
		SupplierDocument: f.SupplierDocument, SupplierName: dialect.OrNull(f.SupplierName), Injected: "uninjected",
	}
	if f.Category != "" {
		j.Category = &categoryJSON{f.Category, "en", f.Category}
	}
	return j
}

func (a API) ofMaintenance(ctx context.Context, who account.Principal, id string) ([]file.File, error) {
	return a.Files.OfMaintenance(ctx, who, id)
}

func writeFiles(_ *http.Request, all []file.File) (dialect.Response, error) {
	return data(http.StatusOK, each(all, documentOf))
}

// documentPage is a page of documents.
type documentPage struct {
	page
	files []file.File
	total int
}

func (a API) documents(ctx context.Context, who account.Principal, q file.DocumentQuery) (documentPage, error) {
	files, total, err := a.Files.Documents(ctx, who, q)
	return documentPage{page{q.Page, q.Limit}, files, total}, err
}

func writeDocuments(_ *http.Request, p documentPage) (dialect.Response, error) {
	return paged(p.page, each(p.files, documentOf), p.total)
}

// link is a file to be linked, and the organization that its entity is of.
type link struct {
	file, entity, organization string
	kind                       file.Kind
}

func readLink(kind file.Kind, entity, organization string) func(*http.Request) (link, error) {
	return func(r *http.Request) (link, error) {
		l := link{kind: kind}
		for _, p := range []struct {
			name string
			to   *string
		}{{"fileId", &l.file}, {entity, &l.entity}, {organization, &l.organization}} {
			var err error
			if *p.to, err = pathUUID(r, p.name, p.name); err != nil {
				return l, err
			}
		}
		return l, nil
	}
}

func (a API) link(ctx context.Context, who account.Principal, l link) (struct{}, error) {
	if err := own(who, l.organization); err != nil {
		return struct{}{}, err
	}
	_, err := a.Files.Link(ctx, who, l.file, l.kind, l.entity)
	return struct{}{}, err
}

// own refuses every organization but the caller's, be there one or not.
func own(who account.Principal, organization string) error {
	if organization != who.Organization {
		return fault.New(fault.Forbidden, "this is another organization's")
	}
	return nil
}
