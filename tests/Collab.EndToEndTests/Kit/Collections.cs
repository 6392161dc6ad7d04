using Xunit;

namespace Collab.EndToEndTests.Kit;

/// <summary>Tests in which all works. They share a browser and a server; each has a run and browser contexts of its own.</summary>
[CollectionDefinition(Name)]
public sealed class Calm : ICollectionFixture<Chromium>, ICollectionFixture<DemoServer>
{
    public const string Name = "Calm";
}

/// <summary>Tests in which something breaks. They mostly wait, so they run beside the others, with a browser and a server of their own.</summary>
[CollectionDefinition(Name)]
public sealed class Rough : ICollectionFixture<Chromium>, ICollectionFixture<DemoServer>
{
    public const string Name = "Rough";
}
