-- What refers to an upload and to an import: both are deleted in great numbers, by the sweeper and with their tenant.
create index concurrently if not exists fund_import_upload_idx on funds.fund_import (tenant_id, upload_id);
create index concurrently if not exists position_report_import_idx on funds.position_report (tenant_id, import_id)
    where import_id is not null;
