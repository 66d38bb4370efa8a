// Files that are dropped anywhere on a page. Without this a browser would open them in its place.
import { useEffect, useRef } from 'react'

export function useDropped(take: (file: File) => void): void {
  const taking = useRef(take)
  taking.current = take
  useEffect(() => {
    const over = (event: DragEvent) => { event.preventDefault() }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      for (const file of event.dataTransfer?.files ?? []) taking.current(file)
    }
    document.addEventListener('dragover', over)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', over)
      document.removeEventListener('drop', drop)
    }
  }, [])
}
