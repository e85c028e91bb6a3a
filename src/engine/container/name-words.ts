// Words that names of containers are made of when none is given.

export const ADJECTIVES = [
  "able", "airy", "amber", "apt", "avid", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid", "cheery", "civil", "clear", "clever", "cosy", "crisp", "curious",
  "daring", "deft", "direct", "dreamy", "eager", "early", "easy", "even", "fair", "famous", "fancy", "fearless", "fluent", "fond", "frank", "fresh", "gentle", "glad", "golden",
  "graceful", "grand", "hardy", "hearty", "honest", "hopeful", "humble", "jolly", "keen", "kind", "lively", "lucid", "lucky", "lunar", "mellow", "merry", "mild", "mindful", "modest",
  "neat", "nimble", "noble", "patient", "plucky", "polite", "prompt", "proud", "quick", "quiet", "radiant", "ready", "robust", "sharp", "silent", "sincere", "sleek", "smart",
  "snug", "solid", "spry", "steady", "stoic", "sunny", "swift", "tender", "tidy", "tranquil", "trusty", "upbeat", "valiant", "vivid", "warm", "wise", "witty", "zesty",
] as const;

/** People of seafaring, exploration, engineering and mathematics. */
export const SURNAMES = [
  "abel", "agnesi", "amundsen", "arago", "babbage", "baret", "barents", "bazalgette", "beaufort", "bering", "bernoulli", "bessel", "blackburn", "bolzano", "boole", "borda", "brunel",
  "cabot", "cantor", "cauchy", "cavendish", "celsius", "cierva", "coleman", "cook", "cori", "cousteau", "diesel", "earhart", "eiffel", "erdos", "ericsson", "euler", "fermat", "fessenden",
  "finsch", "fitzroy", "flinders", "foucault", "fourier", "franklin", "frobisher", "fuller", "fulton", "galois", "gauss", "germain", "gilbreth", "grace", "halley", "hamilton",
  "harrison", "herschel", "hilbert", "hillary", "hooke", "hudson", "huygens", "hypatia", "jeannette", "kepler", "kingsley", "kovalevskaya", "lagrange", "laplace", "legendre", "leibniz",
  "lovelace", "magellan", "maury", "maxwell", "mercator", "mitchell", "mobius", "monge", "nansen", "napier", "newcomen", "nightingale", "noether", "otis", "pascal", "piccard",
  "poincare", "pytheas", "raman", "ramanujan", "reynolds", "riemann", "roebling", "scott", "shackleton", "smeaton", "sobel", "somerville", "stark", "stephenson", "stevin", "tasman",
  "telford", "tereshkova", "tharp", "torricelli", "trevithick", "vespucci", "volta", "wallis", "watt", "wegener", "weil", "wilkes", "zheng",
] as const;
