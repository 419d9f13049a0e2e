import { type ReactNode, useEffect, useRef } from "react";

interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  /** By Escape, or by a press beside it. Default: it is. */
  readonly closable?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Over the page, as the browser's own dialogs are: it keeps the focus, and gives it back. */
export function Dialog({ label, onClose, closable = true, className, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = element;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={className}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        if (closable) onClose();
      }}
      onClick={(event) => {
        if (closable && event.target === element.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
