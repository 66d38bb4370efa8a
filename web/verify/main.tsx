import { createRoot } from 'react-dom/client'
import { Page } from './page.tsx'

createRoot(document.getElementById('page') as HTMLElement).render(<Page />)
