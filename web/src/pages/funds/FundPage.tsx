import { getRouteApi } from '@tanstack/react-router'

import { AsOfInput } from './AsOfInput'
import { FundDetails } from './FundDetails'

const route = getRouteApi('/_console/t/$slug/funds/$fund')

export function FundPage() {
  const { slug, fund } = route.useParams()
  const { as_of } = route.useSearch()
  const navigate = route.useNavigate()
  const tools = (
    <AsOfInput asOf={as_of} onChange={(next) => void navigate({ search: { as_of: next } })} />
  )
  return <FundDetails slug={slug} fund={fund} as_of={as_of} tools={tools} />
}
