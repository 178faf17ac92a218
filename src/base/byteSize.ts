const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** A size as people read it, to two digits: `2.8 MB`. */
export function byteSize(bytes: number, language: string): string {
  const rounded = Number(bytes.toPrecision(2)); // first, so that 999,600 becomes 1 MB and not 1,000 kB
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, rounded)) / 3));
  return new Intl.NumberFormat(language, { style: 'unit', unit: units[unit] }).format(rounded / 1000 ** unit);
}
