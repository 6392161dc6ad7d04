namespace Collab.AspNetCore.Handlers;

/// <summary>What <see cref="CollabBuilder.AddHandler"/> was told.</summary>
internal sealed record HandlerRegistration(string Name, Type Type, HandlerOptions Options);
