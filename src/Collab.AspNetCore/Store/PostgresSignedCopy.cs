using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Signs a run that has just been made as a copy of another, in the transaction that makes it.</summary>
internal static class PostgresSignedCopy
{
    private const string Update =
        """
        UPDATE persisted_collaboration_messages m SET signature = e.signature
        FROM unnest($2::bigint[], $3::text[]) AS e (number, signature) WHERE m.run_id = $1 AND m.sequence_number = e.number
        """;

    private const string Seal =
        """
        UPDATE collaboration_runs SET signed_epoch = epoch, signed_from = $2, signed_sequence = $3, signature = $4,
            folded_signature = NULL, state_signature = $5
        WHERE id = $1
        """;

    /// <param name="connection">In the transaction.</param>
    /// <param name="signing">The keys.</param>
    /// <param name="original">The original's row, as it was read for the copy.</param>
    /// <param name="branch">What was copied.</param>
    /// <param name="made">The copy's epoch.</param>
    /// <param name="after">The copy's state is that after this event.</param>
    /// <param name="state">The state, as JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask RunAsync(
        NpgsqlConnection connection, EventSigning signing, RunSeal original, Branch branch, Guid made, long after, string state,
        CancellationToken cancellationToken)
    {
        if (!original.IsSigned) return;
        var copy = new ChainCopy(signing, original, branch.RunId, made, after);
        copy.Begin();
        await foreach (var row in PostgresVerify.RowsAsync(
            connection, branch.From, original.FoldedSequence, branch.Sequence, cancellationToken)) copy.Next(row);
        if (copy.End(state) is not { } signature) return;
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Update)
                { Parameters = { new() { Value = branch.RunId }, new() { Value = copy.Sequences }, new() { Value = copy.Signatures } } },
                new(Seal)
                {
                    Parameters =
                    {
                        new() { Value = branch.RunId }, new() { Value = copy.Sequences[0] }, new() { Value = copy.Sequences[^1] },
                        new() { Value = copy.Signatures[^1] }, new() { Value = signature },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
