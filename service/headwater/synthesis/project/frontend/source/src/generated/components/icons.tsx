import type { ReactNode } from "react";

/** Icons are ornaments: what they mean is always written beside them, or in the label of their button. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const AddIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const MenuIcon = () => (
  <Icon>
    <path d="M3 5.5h14M3 10h14M3 14.5h14" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="5.5" />
    <path d="m13.2 13.2 3.8 3.8" />
  </Icon>
);

export const ArrowIcon = () => (
  <Icon>
    <path d="M4 10h12m-5-5 5 5-5 5" />
  </Icon>
);

export const EmptyIcon = () => (
  <Icon>
    <path d="M3 11.5 5.2 4h9.6l2.2 7.5V16H3zm0 0h4l1 2h4l1-2h4" />
  </Icon>
);
