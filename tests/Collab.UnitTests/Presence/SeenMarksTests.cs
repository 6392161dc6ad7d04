using Collab.AspNetCore.Presence;
using Xunit;

namespace Collab.UnitTests.Presence;

/// <summary>Who asks again is told what has moved since, and each move once.</summary>
public sealed class SeenMarksTests
{
    private readonly SeenMarks _marks = new();

    [Fact]
    public void Only_what_has_moved_since_is_told_the_longest_ago_first()
    {
        var told = 0L;
        _marks.Raise("ana", 1, isOwn: true);
        _marks.Raise("ben", 5, isOwn: true);
        Assert.Equal([new("ana", 1), new("ben", 5)], _marks.Since(ref told, most: 10));
        Assert.Empty(_marks.Since(ref told, most: 10));

        _marks.Raise("ana", 4, isOwn: false);
        _marks.Raise("ben", 5, isOwn: true);
        _marks.Raise("ben", 2, isOwn: true);

        Assert.Equal([new("ana", 4)], _marks.Since(ref told, most: 10));
    }

    [Fact]
    public void Of_many_the_rest_is_told_the_next_time()
    {
        var told = 0L;
        foreach (var n in Enumerable.Range(0, 5)) _marks.Raise($"user-{n}", n, isOwn: true);

        var parts = new[] { _marks.Since(ref told, most: 2), _marks.Since(ref told, most: 2), _marks.Since(ref told, most: 2) };

        Assert.Equal([2, 2, 1], parts.Select(p => p.Count));
        Assert.Equal([0, 1, 2, 3, 4], parts.SelectMany(p => p).Select(m => m.Seen));
    }

    [Fact]
    public void Another_server_is_told_what_was_heard_here_and_each_user_once()
    {
        _marks.Raise("ana", 1, isOwn: true);
        _marks.Raise("ana", 2, isOwn: true);
        _marks.Raise("ben", 5, isOwn: false);

        Assert.Equal([new("ana", 2)], _marks.TakeUntold());
        Assert.Empty(_marks.TakeUntold());
    }

    [Fact]
    public void Nothing_is_told_of_who_has_left()
    {
        var told = 0L;
        _marks.Raise("ana", 1, isOwn: true);

        _marks.Remove("ana");

        Assert.Empty(_marks.TakeUntold());
        Assert.Empty(_marks.Since(ref told, most: 10));
        Assert.Null(_marks.Of("ana"));
    }
}
