//! Vectors, as a provider has sent them: not to be believed before they are checked.

/// The most numbers of a vector: more than any model of today makes.
const DIMENSION_MAX: usize = 8_192;

/// Why there is no answer, for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the provider took too long")]
    Late,
    #[error("the provider was not reached or refused: {0}")]
    Refused(String),
    #[error("the provider's answer can not be used: {0}")]
    Wrong(&'static str),
    #[error("no model was named for this")]
    Unset,
}

/// What a provider has sent.
pub(super) struct Vectors {
    pub(super) query: Vec<f32>,
    pub(super) texts: Vec<Vec<f32>>,
}

impl Vectors {
    /// The cosines between the query and each of so many texts.
    pub(super) fn cosines(&self, texts: usize) -> Result<Vec<f64>, Failure> {
        if self.texts.len() != texts {
            return Err(Failure::Wrong("another number of vectors than texts"));
        }
        if self.query.len() > DIMENSION_MAX {
            return Err(Failure::Wrong("vectors of too many dimensions"));
        }
        if self.texts.iter().any(|text| text.len() != self.query.len()) {
            return Err(Failure::Wrong("vectors of different dimensions"));
        }
        self.texts.iter().map(|text| cosine(&self.query, text)).collect()
    }
}

fn cosine(a: &[f32], b: &[f32]) -> Result<f64, Failure> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    // A vector without length or with a number that is none comes out as no number either.
    if cosine.is_finite() { Ok(cosine.clamp(-1.0, 1.0)) } else { Err(Failure::Wrong("a vector that has no direction")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosines(query: &[f32], texts: &[&[f32]]) -> Result<Vec<f64>, Failure> {
        let texts: Vec<Vec<f32>> = texts.iter().map(|text| text.to_vec()).collect();
        Vectors { query: query.to_vec(), texts }.cosines(2)
    }

    #[test]
    fn the_cosine_is_that_of_the_angle_whatever_the_lengths() {
        assert_eq!(cosines(&[2.0, 0.0], &[&[7.0, 0.0], &[0.0, 0.1]]).unwrap(), [1.0, 0.0]);
    }

    #[test]
    fn what_has_no_angle_is_refused() {
        let (good, wide): (&[f32], Vec<f32>) = (&[1.0, 0.0], vec![1.0; DIMENSION_MAX + 1]);
        for (query, texts) in [
            (good, &[good][..]),
            (good, &[good, good, good]),
            (good, &[good, &[1.0]]),
            (good, &[good, &[0.0, 0.0]]),
            (good, &[good, &[f32::NAN, 0.0]]),
            (good, &[good, &[f32::INFINITY, 0.0]]),
            (&[], &[&[], &[]]),
            (&wide, &[&wide, &wide]),
        ] {
            assert!(cosines(query, texts).is_err(), "{} {}", query.len(), texts.len());
        }
    }
}
