// swift-tools-version: 6.2

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [
  .treatAllWarnings(as: .error),
  .define("_GNU_SOURCE"),
]

/// A library target written in Swift.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// A C bridge, or a C kernel.
func bridge(
  _ name: String, _ dependencies: [Target.Dependency] = [], libraries: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, cSettings: cSettings,
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

func tests(_ subject: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(subject)Tests", dependencies: [.target(name: subject), "TestSupport"] + dependencies,
    swiftSettings: swiftSettings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// The files of a run's report and of the comparison of several.
let reportPage = [
  "report.css", "report.js", "report-live.js", "chart.js", "compare.css", "compare.js",
]

/// The files of the studio's page.
let studioPage = [
  "index.html", "api.html", "api.css", "icon.svg", "studio.css", "runs.css", "faces.css",
  "faces.js", "studio.js", "api.js",
  "canvas.js", "elements.js", "fills.js", "history.js", "keys.js", "mask.js",
  "picture.js", "runs.js", "save.js", "tools.js",
]

/// The configurations that come with the program.
let presets = [
  "quickstart", "celeba-64", "celeba-64-vgg19", "celeba-128", "celeba-256", "celeba-64-variants",
  "dcgan-celeba-64", "deepfill-celeba-64", "deepfill-celeba-256", "paper-celeba-64",
  "paper-celeba-128",
  "paper-celeba-256",
]

let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")

let package = Package(
  name: "inpaint",
  products: [.executable(name: "inpaint", targets: ["InpaintCommand"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    .systemLibrary(
      name: "SystemOpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(
      name: "SystemOpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "SystemPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "SystemTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(
      name: "SystemXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "SystemJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "SystemLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"])]),
    .systemLibrary(name: "SystemTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "SystemWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "SystemZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    bridge("CMPI", ["SystemOpenMPI"]),
    bridge("COneDNN", libraries: ["dnnl"]),
    bridge("CBLAS", ["SystemOpenBLAS"]),
    bridge("CKernels", libraries: ["m"]),
    bridge(
      "CImageCodecs",
      [
        "SystemPNG", "SystemTurboJPEG", "SystemJPEG", "SystemTIFF", "SystemWebP", "SystemZlib",
      ]),
    bridge("CColorManagement", ["SystemLCMS"], libraries: ["m"]),

    module("TensorCore"),
    module("Checksums", ["SystemXXHash", "SystemZlib"]),
    module("Files"),
    module("Spelling"),
    module("Interchange"),
    module("Tracing"),
    module("Kernels", ["TensorCore", "CKernels", "COneDNN", "CBLAS"]),
    module("Autodiff", ["TensorCore", "Kernels", "CKernels"]),
    module("Layers", ["TensorCore", "Kernels", "Autodiff"]),
    module(
      "Models", ["TensorCore", "Kernels", "CKernels", "Autodiff", "Layers", "Interchange"]),
    module("Losses", ["TensorCore", "Kernels", "CKernels", "Autodiff"]),
    module("Optimizers", ["TensorCore", "CKernels"]),
    module("Images", ["TensorCore", "Checksums", "Files", "CImageCodecs", "CColorManagement"]),
    module(
      "Datasets", ["TensorCore", "Checksums", "Files", "Images", "Spelling", "Tracing"]),
    module("SyntheticFaces", ["TensorCore", "Files", "Images"]),
    module("Communication", ["Checksums", "CMPI", "Tracing"]),
    module("Checkpoints", ["Checksums", "Files", "Tracing"]),
    module("Metrics", ["TensorCore", "Images", "CBLAS"]),
    module("Baselines", ["TensorCore", "Images"]),
    .target(
      name: "Reports", dependencies: ["Images", "Metrics"],
      resources: reportPage.map { .embedInCode("Page/\($0)") },
      swiftSettings: swiftSettings),
    .target(
      name: "Configuration",
      dependencies: [
        "Spelling", "Datasets", "Images", "Kernels", "Losses", "Metrics", "Models", yams,
      ],
      resources: presets.map { .embedInCode("Presets/\($0).yaml") }, swiftSettings: swiftSettings),
    module("HTTPService", [flyingSocks]),
    module(
      "Running",
      [
        "CKernels", "Checksums", "Files", "Images", "Datasets", "SyntheticFaces", "Communication",
        "Checkpoints", "Configuration",
      ]),
    module(
      "GeneratorFiles", ["TensorCore", "Files", "Layers", "Models", "Checkpoints", "Running"]),
    module(
      "Filling",
      [
        "TensorCore", "Kernels", "Autodiff", "Layers", "Models", "Files", "Images",
        "GeneratorFiles", "Running",
      ]),
    module(
      "Evaluation",
      [
        "TensorCore", "Models", "Images", "Datasets", "Communication", "Checkpoints", "Metrics",
        "Baselines", "Configuration", "GeneratorFiles", "Filling", "Running",
      ]),
    module(
      "Training",
      [
        "TensorCore", "Kernels", "Autodiff", "Layers", "Models", "Losses", "Optimizers", "Images",
        "Datasets", "SyntheticFaces", "Communication", "Checkpoints", "Metrics", "Configuration",
        "CKernels", "Interchange", "Reports", "Tracing", "Checksums", "Files", "GeneratorFiles",
        "Running",
      ]),
    module(
      "Benchmarks",
      [
        "TensorCore", "Kernels", "CKernels", "Models", "Images", "Datasets", "Communication",
        "Checkpoints",
        "Configuration", "Tracing", "Running", "Training",
      ]),
    .target(
      name: "Studio",
      dependencies: [
        "HTTPService", "Training", "Filling", "GeneratorFiles", "Running", "Images", "TensorCore",
        "Baselines", "Checkpoints", "Configuration", "Reports", "Files",
      ],
      resources: studioPage.map { .embedInCode("Page/\($0)") }, swiftSettings: swiftSettings),
    module(
      "Doctor",
      ["CKernels", "Kernels", "TensorCore", "Images", "Datasets", "Communication", "Running"]),
    .executableTarget(
      name: "InpaintCommand",
      dependencies: [
        "Doctor", "Training", "Configuration", "Filling", "Evaluation", "Benchmarks",
        "SyntheticFaces",
        "Running", "Images", "Metrics", "Models", "Reports", "Spelling", "Studio", "GeneratorFiles",
        argumentParser,
      ],
      swiftSettings: swiftSettings),

    module("TestSupport", ["TensorCore", "Kernels", "Autodiff", "Checkpoints", "Files"]),
    .executableTarget(
      name: "MPISelfTest", dependencies: ["Communication", "TensorCore"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "TrainingSelfTest",
      dependencies: ["Training", "Running", "Communication", "Layers", "TensorCore"],
      swiftSettings: swiftSettings),

    module(
      "ReaderFuzzing", ["TensorCore", "Checksums", "Files", "Images", "Datasets", "Checkpoints"]),
    .executableTarget(
      name: "FuzzReaders", dependencies: ["ReaderFuzzing"], swiftSettings: swiftSettings),

    tests("TensorCore", []),
    tests("Checksums", []),
    tests("Files", []),
    tests("Spelling", []),
    tests("Interchange", []),
    tests("Tracing", []),
    tests("CKernels", ["TensorCore"]),
    tests("Kernels", ["TensorCore", "CKernels"]),
    tests("Autodiff", ["TensorCore", "Kernels", "CKernels"]),
    tests("Layers", ["TensorCore", "Kernels", "Autodiff"]),
    tests("Optimizers", ["TensorCore"]),
    tests("Models", ["TensorCore", "Kernels", "CKernels", "Autodiff", "Layers", "Interchange"]),
    tests("Losses", ["TensorCore", "Autodiff"]),
    tests("Images", ["TensorCore"]),
    tests("Metrics", ["Images", "TensorCore"]),
    tests("Baselines", ["Images", "TensorCore"]),
    tests("Datasets", ["Checksums", "Images", "TensorCore"]),
    tests("SyntheticFaces", ["Datasets", "Images"]),
    .testTarget(
      name: "ReaderFuzzingTests", dependencies: ["ReaderFuzzing"], swiftSettings: swiftSettings),
    tests("Communication", ["TensorCore", "MPISelfTest"]),
    tests("Checkpoints", ["Files"]),
    tests("Reports", ["Images"]),
    tests("Configuration", ["Images", "Kernels", "Losses", "Metrics", "Models", "TensorCore"]),
    tests("HTTPService", ["TensorCore"]),
    tests("Running", []),
    tests("Benchmarks", []),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Configuration", "InpaintCommand"],
      swiftSettings: swiftSettings),
    tests(
      "Training",
      [
        "TensorCore", "Kernels", "Autodiff", "Layers", "Models", "Losses", "Optimizers", "Images",
        "Datasets", "SyntheticFaces", "Communication", "Checkpoints", "Configuration", "Metrics",
        "GeneratorFiles", "InpaintCommand", "TrainingSelfTest",
      ]),
  ],
  cLanguageStandard: .gnu11
)
