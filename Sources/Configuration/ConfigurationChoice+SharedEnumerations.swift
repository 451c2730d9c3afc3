package import Datasets
package import Images
package import Kernels
package import Losses
package import Models

// Enumerations of the code that they choose, which are settings as they stand.

extension AlignmentAxes: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .both: "horizontal and vertical"
    case .horizontalTwice:
      "the horizontal one twice, a slip of the published code (docs/models/dmfn.md 3.4)"
    }
  }
}

extension CompositeKind: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .plain: "the generator's pixels in the hole, as published"
    case .membrane: "the same, shifted smoothly until the border of the hole fits"
    }
  }
}

extension ConvolutionBackend: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .automatic: "the fastest, by a rule that knows only shape and processor"
    case .winograd: "Winograd where it applies, else oneDNN"
    case .library: "oneDNN"
    case .columns: "matrix products of OpenBLAS: slow, and independent of the others"
    }
  }
}

extension DatasetLayout: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .automatic: "`shards` or `celeba` where the folder looks like it, else `folder`"
    case .celeba: "the published CelebA folder, with its official partition"
    case .folder: "any folder of JPEG, PNG, WebP or TIFF files"
    case .shards: "what `inpaint pack` made of either"
    }
  }
}

extension DeepFillConvention: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .torch: "the PyTorch port"
    case .tf: "the TensorFlow code"
    }
  }
}

extension DiscriminatorKind: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .dmfn: "the published one, of the whole picture and the square round the hole"
    case .patch: "one of patches, whose target is the share of hole in each"
    }
  }
}

extension DiscriminatorNorm: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .batch: "batch norm, as published"
    case .spectral: "nothing; each weight is divided by its largest singular value"
    case .none: "nothing"
    }
  }
}

extension FacePartMask.Part: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .leftEye: "the eye on the left of the picture"
    case .rightEye: "the eye on the right of the picture"
    case .eyes: "both eyes"
    case .nose: "the nose"
    case .mouth: "the mouth"
    case .lowerFace: "from the nose down"
    }
  }
}

extension FusionBlockKind: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .paper: "that of the paper, with a convolution after each sum of branches"
    case .released: "that of the published weights"
    }
  }
}

extension UpsamplingKind: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .transposed: "a transposed convolution, as published"
    case .nearest: "every value four times, then a convolution"
    case .bilinear: "bilinear interpolation, then a convolution"
    }
  }
}

extension VGGNormalization: ConfigurationChoice {
  package var meaning: String {
    switch self {
    case .exact: "by the statistics of ImageNet"
    case .released: "the same with the offset of the published code (docs/models/dmfn.md 3.2)"
    }
  }
}
