// Colours and shapes. Okabe and Ito's palette is told apart with any common colour blindness, and
// each shape says the same again, for paper.

export const INK = "#1b2430",
  SOFT = "#5b6675",
  LINE = "#c3c9d2",
  FAINT = "#e3e7ec",
  ACCENT = "#f0b429",
  PAPER = "#fdfdfe";
export const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'DejaVu Sans', sans-serif";

const TIERS = [
  { colour: "#D55E00", shape: "diamond" },
  { colour: "#0072B2", shape: "dot" },
  { colour: "#009E73", shape: "triangle" },
  { colour: "#CC79A7", shape: "triangleDown" },
  { colour: "#E69F00", shape: "star" },
];
const VENUE = { colour: "#7A6A53", shape: "ring" };
const HOME = { colour: "#9CA3AF", shape: "hexagon" };
const PLACE = { colour: "#4B5563", shape: "square" };

export const tierLook = (trace, tier) => (trace.tiers[tier].venue ? VENUE : TIERS[Math.min(tier, TIERS.length - 1)]);
export const placeLook = (isHome) => (isHome ? HOME : PLACE);

// Stays are told apart by what a place is for; lightness differs too, so that paper shows it.
const STAYS = new Map(
  Object.entries({
    home: "#E5E7EB",
    ward: "#F4C7AB",
    hospital: "#F4C7AB",
    clinic: "#F4C7AB",
    shelter: "#F4C7AB",
    isolation_site: "#C9B8DE",
    class: "#BBD7EA",
    school: "#BBD7EA",
    office: "#BBD7EA",
    workshop: "#BBD7EA",
    factory: "#BBD7EA",
    bus: "#F6E3A1",
    coach: "#F6E3A1",
    train: "#F6E3A1",
    metro: "#F6E3A1",
    car: "#F6E3A1",
    taxi: "#F6E3A1",
    plane: "#F6E3A1",
    vehicle: "#F6E3A1",
  }),
);
export const stayColour = (kind, isHome) => STAYS.get(isHome ? "home" : kind) || "#C9E4D6";

const star = Array.from({ length: 10 }, (_, k) => {
  const r = k % 2 ? 0.5 : 1.2,
    turn = (k * Math.PI) / 5 - Math.PI / 2;
  return [r * Math.cos(turn), r * Math.sin(turn)];
});
const POINTS = {
  diamond: [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  triangle: [
    [0, -1.15],
    [1.1, 0.8],
    [-1.1, 0.8],
  ],
  triangleDown: [
    [0, 1.15],
    [1.1, -0.8],
    [-1.1, -0.8],
  ],
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  hexagon: [
    [-0.55, -0.95],
    [0.55, -0.95],
    [1.1, 0],
    [0.55, 0.95],
    [-0.55, 0.95],
    [-1.1, 0],
  ],
  star,
};

/** Corners of a shape of radius one; null of a circle. */
export const corners = (shape) => POINTS[shape] || null;
